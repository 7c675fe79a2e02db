#include "Common.cuh"

// out[row] = table[indices[row]], or += if accumulate.
KERNEL gather(
    float *out, const float *table, const int *indices, long long rows, int dim, int accumulate) {
    for (long long i = thread_index(); i < rows * dim; i += thread_count()) {
        float value = table[(long long)indices[i / dim] * dim + i % dim];
        out[i] = accumulate ? out[i] + value : value;
    }
}

#define COLUMNS 32
#define LANES 16

// table[targets[group]] += the sum of in[order[k]] over k in starts[group] ..< starts[group + 1].
//
// The host has sorted the rows by where they go, so that sums are taken in one order and no two blocks meet.
// Blocks of COLUMNS x LANES threads; blockIdx.x is the group, blockIdx.y the columns.
KERNEL __launch_bounds__(COLUMNS * LANES) scatter_add(
    float *table, const float *in, const int *targets, const int *starts, const int *order, int dim) {
    __shared__ float sums[LANES][COLUMNS];
    int across = threadIdx.x % COLUMNS, lane = threadIdx.x / COLUMNS;
    int column = blockIdx.y * COLUMNS + across;
    int first = starts[blockIdx.x], last = starts[blockIdx.x + 1];
    // Groups that only fill up the grid have no rows, and another's target.
    if (first == last) return;
    float sum = 0;
    if (column < dim)
        for (int k = first + lane; k < last; k += LANES) sum += in[(long long)order[k] * dim + column];
    sums[lane][across] = sum;
    __syncthreads();
    if (lane > 0 || column >= dim) return;
    for (int other = 1; other < LANES; other++) sum += sums[other][across];
    table[(long long)targets[blockIdx.x] * dim + column] += sum;
}
#undef COLUMNS
#undef LANES
