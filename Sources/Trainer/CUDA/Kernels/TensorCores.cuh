#pragma once
#include "AttentionTiles.cuh"

// Products of bfloat16 by tensor cores, with sums in float32. The instruction multiplies 16 x 16 by 16 x 8; a thread
// holds pairs of neighbours. With g = lane / 4 and t = lane % 4:
//   a: rows g and g + 8, columns 2t, 2t + 1 in a[0] and a[1], columns 2t + 8, 2t + 9 in a[2] and a[3];
//   b: column g, rows 2t, 2t + 1 in b[0], rows 2t + 8, 2t + 9 in b[1];
//   c: rows g and g + 8, columns 2t, 2t + 1 in c[0], c[1] and c[2], c[3].

// Rows of a warp, columns and depth of the instruction.
#define MMA_ROWS 16
#define MMA_COLUMNS 8
#define MMA_DEPTH 16

#define TENSOR_THREADS 128
#define TENSOR_WARPS (TENSOR_THREADS / WARP)
// Rows of the other side that are in shared memory at a time.
#define TENSOR_TILE 32

// c += a b. The host launches kernels with this only on cards of sm_80 or later.
static __device__ inline void multiply_add(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
#if !defined(__CUDA_ARCH__)
    emulated_multiply_add(c, a, b);
#elif __CUDA_ARCH__ >= 800
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
    __trap();
#endif
}

static __device__ inline int lane_group() { return threadIdx.x % WARP / 4; }
static __device__ inline int lane_in_group() { return threadIdx.x % 4; }
// First row of the thread's warp within the block's.
static __device__ inline int warp_row() { return threadIdx.x / WARP * MMA_ROWS; }

// Two neighbours of a row as tensor cores take them; 0 where there is none.
static __device__ inline unsigned bits_at(const BFloat16 *x, bool has_first, bool has_second) {
    if (has_first && has_second && holds_pairs(x)) return *(const unsigned *)x;
    return (has_first ? x[0].bits : 0u) | (has_second ? (unsigned)x[1].bits << 16 : 0u);
}

// Over the four threads that share a row.
static __device__ inline float group_sum(float value) {
    value += __shfl_xor_sync(FULL_WARP, value, 1);
    return value + __shfl_xor_sync(FULL_WARP, value, 2);
}

static __device__ inline float group_maximum(float value) {
    value = fmaxf(value, __shfl_xor_sync(FULL_WARP, value, 1));
    return fmaxf(value, __shfl_xor_sync(FULL_WARP, value, 2));
}

// Rows of heads in shared memory, neighbours of a row in one word. Four words more a row, so that no two threads that
// read at once meet in a bank.
template <int dim>
struct PairTile {
    unsigned at[TENSOR_TILE][dim / 2 + 4];

    __device__ void load(Heads<BFloat16> heads, int head, int first, int count, int head_dim) {
        const BFloat16 *from = heads.values + (long long)first * heads.row_stride + head * heads.head_stride;
        for (int i = threadIdx.x; i < TENSOR_TILE * dim / 2; i += TENSOR_THREADS) {
            int row = i / (dim / 2), pair = i % (dim / 2);
            const BFloat16 *x = from + (long long)row * heads.row_stride + 2 * pair;
            at[row][pair] = bits_at(x, row < count && 2 * pair < head_dim, row < count && 2 * pair + 1 < head_dim);
        }
    }
};

// The same transposed: neighbours of a column in one word.
template <int dim>
struct TransposedTile {
    unsigned at[dim][TENSOR_TILE / 2 + 4];

    __device__ void load(Heads<BFloat16> heads, int head, int first, int count, int head_dim) {
        const BFloat16 *from = heads.values + (long long)first * heads.row_stride + head * heads.head_stride;
        for (int i = threadIdx.x; i < TENSOR_TILE / 2 * dim; i += TENSOR_THREADS) {
            int pair = i / dim, column = i % dim;
            const BFloat16 *x = from + (long long)(2 * pair) * heads.row_stride + column;
            bool is_there = column < head_dim;
            at[column][pair] = (is_there && 2 * pair < count ? x[0].bits : 0u) |
                               (is_there && 2 * pair + 1 < count ? (unsigned)x[heads.row_stride].bits << 16 : 0u);
        }
    }
};

// A warp's 16 rows of heads as left operands.
template <int dim>
struct RowFragments {
    unsigned at[dim / MMA_DEPTH][4];

    // `count` rows of the block's, from `first` on.
    __device__ void load(Heads<BFloat16> heads, int head, int first, int count, int head_dim) {
        for (int step = 0; step < dim / MMA_DEPTH; step++)
            for (int part = 0; part < 4; part++) {
                int row = warp_row() + lane_group() + part % 2 * 8;
                int column = step * MMA_DEPTH + 2 * lane_in_group() + part / 2 * 8;
                const BFloat16 *x = heads.values + (long long)(first + row) * heads.row_stride +
                                 head * heads.head_stride + column;
                at[step][part] = bits_at(x, row < count && column < head_dim, row < count && column + 1 < head_dim);
            }
    }
};

// A warp's 16 rows by a tile's rows.
struct ScoreFragments {
    float at[TENSOR_TILE / MMA_COLUMNS][4];

    // rows tileᵀ
    template <int dim>
    __device__ void multiply(const RowFragments<dim> &rows, const PairTile<dim> &tile) {
        for (int block = 0; block < TENSOR_TILE / MMA_COLUMNS; block++) {
            for (int i = 0; i < 4; i++) at[block][i] = 0;
            const unsigned *row = tile.at[block * MMA_COLUMNS + lane_group()];
            for (int step = 0; step < dim / MMA_DEPTH; step++) {
                unsigned b[2] = {row[step * 8 + lane_in_group()], row[step * 8 + 4 + lane_in_group()]};
                multiply_add(at[block], rows.at[step], b);
            }
        }
    }

    // Row of the tile that at[block][i] belongs to.
    static __device__ int column(int block, int i) { return block * MMA_COLUMNS + 2 * lane_in_group() + i % 2; }
};

// A warp's 16 rows of a result as wide as a head.
template <int dim>
struct ResultFragments {
    float at[dim / MMA_COLUMNS][4];

    __device__ void clear() {
        for (int block = 0; block < dim / MMA_COLUMNS; block++)
            for (int i = 0; i < 4; i++) at[block][i] = 0;
    }

    // Multiplies the rows g and g + 8.
    __device__ void scale(float upper, float lower) {
        for (int block = 0; block < dim / MMA_COLUMNS; block++)
            for (int i = 0; i < 4; i++) at[block][i] *= i < 2 ? upper : lower;
    }

    // += scores tile: what a thread holds of scores is what it must give as left operand.
    __device__ void add_product(const ScoreFragments &scores, const TransposedTile<dim> &tile) {
        for (int step = 0; step < TENSOR_TILE / MMA_DEPTH; step++) {
            const float *left = scores.at[2 * step], *right = scores.at[2 * step + 1];
            unsigned a[4] = {
                bfloat16_pair(left[0], left[1]), bfloat16_pair(left[2], left[3]), bfloat16_pair(right[0], right[1]),
                bfloat16_pair(right[2], right[3])};
            for (int block = 0; block < dim / MMA_COLUMNS; block++) {
                const unsigned *column = tile.at[block * MMA_COLUMNS + lane_group()];
                unsigned b[2] = {column[step * 8 + lane_in_group()], column[step * 8 + 4 + lane_in_group()]};
                multiply_add(at[block], a, b);
            }
        }
    }

    __device__ void store(Heads<BFloat16> heads, int head, int first, int count, int head_dim) const {
        for (int block = 0; block < dim / MMA_COLUMNS; block++)
            for (int i = 0; i < 4; i++) {
                int row = warp_row() + lane_group() + i / 2 * 8;
                int column = block * MMA_COLUMNS + 2 * lane_in_group() + i % 2;
                if (row < count && column < head_dim)
                    put(heads.values[(long long)(first + row) * heads.row_stride + head * heads.head_stride + column],
                        at[block][i]);
            }
    }
};
