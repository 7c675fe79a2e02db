#include "Numbers.cuh"

// Threads across columns and across rows of a block.
#define COLUMNS 32
#define LANES 16

// out[part][column] = sum of in[row][column] over the part's rows; with `accumulate`, out += instead.
// Blocks of COLUMNS x LANES threads; blockIdx.x is the group of columns, blockIdx.y the part of rows.
template <typename Number>
static __device__ inline void sum_columns(
    float *out, const Number *in, long long rows, int dim, long long rows_per_part, int accumulate) {
    __shared__ float sums[LANES][COLUMNS];
    int across = threadIdx.x % COLUMNS, lane = threadIdx.x / COLUMNS;
    int column = blockIdx.x * COLUMNS + across;
    long long first = blockIdx.y * rows_per_part;
    long long last = first + rows_per_part < rows ? first + rows_per_part : rows;
    float sum = 0;
    if (column < dim)
        for (long long row = first + lane; row < last; row += LANES) sum += number(in[row * dim + column]);
    sums[lane][across] = sum;
    __syncthreads();
    if (lane > 0 || column >= dim) return;
    for (int other = 1; other < LANES; other++) sum += sums[other][across];
    float *place = out + (long long)blockIdx.y * dim + column;
    *place = accumulate ? *place + sum : sum;
}

#define COLUMN_SUMS(suffix, Number)                                                                                \
    KERNEL __launch_bounds__(COLUMNS * LANES) column_sums##suffix(                                                 \
        float *out, const Number *in, long long rows, int dim, long long rows_per_part, int accumulate) {          \
        sum_columns(out, in, rows, dim, rows_per_part, accumulate);                                                \
    }
FOR_NUMBERS(COLUMN_SUMS)
#undef COLUMN_SUMS
#undef COLUMNS
#undef LANES
