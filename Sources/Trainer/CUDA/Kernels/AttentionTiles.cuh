#pragma once
#include "Numbers.cuh"

// Attention by tiles of rows x rows in shared memory: scores never exist whole. Heads narrower than the tile's width
// `dim` are filled up with zeros, which change no product.

#define ATTENTION_THREADS 128

// One of queries, keys, values or a gradient: values + row * row_stride + head * head_stride is a head's vector.
template <typename Number>
struct Heads {
    Number *values;
    int row_stride;
    int head_stride;
};

// The part of a sample's attention that a block computes: `count` rows from `first` on of queries (of keys, in the
// backward pass for keys), and all of the sample's rows on the other side.
struct Work {
    int first;
    int count;
    int other_first;
    int other_count;
};

// A tile's rows: one bank further each, so that threads reading one column meet no common bank.
template <int rows, int dim>
struct Tile {
    float at[rows][dim + 1];

    template <typename Number>
    __device__ void load(Heads<Number> heads, int head, int first, int count, int head_dim) {
        const Number *from = heads.values + (long long)first * heads.row_stride + head * heads.head_stride;
        for (int i = threadIdx.x; i < rows * dim; i += ATTENTION_THREADS) {
            int row = i / dim, column = i % dim;
            at[row][column] =
                row < count && column < head_dim ? number(from[(long long)row * heads.row_stride + column]) : 0;
        }
    }
};

// What a thread computes of a rows x columns product: rows y + 16 i, columns x + 8 j.
static __device__ inline int own_row(int i) { return threadIdx.x / 8 + 16 * i; }
static __device__ inline int own_column(int j) { return threadIdx.x % 8 + 8 * j; }

template <int rows>
struct Scores {
    enum { height = rows / 16, width = rows / 8 };
    float at[height][width];

    // a bᵀ
    template <int dim>
    __device__ void multiply(const Tile<rows, dim> &a, const Tile<rows, dim> &b) {
        for (int i = 0; i < height; i++)
            for (int j = 0; j < width; j++) at[i][j] = 0;
#pragma unroll 4
        for (int k = 0; k < dim; k++)
            for (int i = 0; i < height; i++)
                for (int j = 0; j < width; j++) at[i][j] += a.at[own_row(i)][k] * b.at[own_column(j)][k];
    }

    __device__ void store(Tile<rows, rows> &tile) const {
        for (int i = 0; i < height; i++)
            for (int j = 0; j < width; j++) tile.at[own_row(i)][own_column(j)] = at[i][j];
    }
};

// A thread's part of a rows x dim result.
template <int rows, int dim>
struct Result {
    enum { height = rows / 16, width = dim / 8 };
    float at[height][width];

    __device__ void clear() {
        for (int i = 0; i < height; i++)
            for (int j = 0; j < width; j++) at[i][j] = 0;
    }

    // += scores * b
    __device__ void add_product(const Tile<rows, rows> &scores, const Tile<rows, dim> &b) {
#pragma unroll 4
        for (int k = 0; k < rows; k++)
            for (int i = 0; i < height; i++) {
                float score = scores.at[own_row(i)][k];
                for (int j = 0; j < width; j++) at[i][j] += score * b.at[k][own_column(j)];
            }
    }

    template <typename Number>
    __device__ void store(Heads<Number> heads, int head, int first, int count, int head_dim) const {
        for (int i = 0; i < height; i++)
            for (int j = 0; j < width; j++) {
                int row = own_row(i), column = own_column(j);
                if (row < count && column < head_dim)
                    put(heads.values[(long long)(first + row) * heads.row_stride + head * heads.head_stride + column],
                        at[i][j]);
            }
    }
};

// Threads that share a row when rows are reduced: neighbours within a warp.
template <int rows>
struct RowTeam {
    enum { size = ATTENTION_THREADS / rows };

    static __device__ int row() { return threadIdx.x / size; }
    static __device__ int member() { return threadIdx.x % size; }

    static __device__ float maximum(float value) {
        for (int distance = size / 2; distance > 0; distance /= 2) {
            float other = __shfl_xor_sync(FULL_WARP, value, distance);
            value = other > value ? other : value;
        }
        return value;
    }

    static __device__ float sum(float value) {
        for (int distance = size / 2; distance > 0; distance /= 2)
            value += __shfl_xor_sync(FULL_WARP, value, distance);
        return value;
    }
};
