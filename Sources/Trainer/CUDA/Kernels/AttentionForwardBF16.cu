#include "TensorCores.cuh"

// As attention_forward, by tensor cores: a warp takes 16 of the block's 64 queries.
template <int dim>
static __device__ inline void attention_forward_bf16(
    const Work *works, Heads<BFloat16> query, Heads<BFloat16> key, Heads<BFloat16> value, Heads<BFloat16> out,
    int head_dim, float scale) {
    __shared__ PairTile<dim> keys;
    __shared__ TransposedTile<dim> values;

    Work work = works[blockIdx.x];
    int head = blockIdx.y;
    RowFragments<dim> queries;
    queries.load(query, head, work.first, work.count, head_dim);
    ResultFragments<dim> result;
    result.clear();
    // Of the rows g and g + 8; sums are of this thread's columns alone until the end.
    float maxima[2] = {MINUS_INFINITY, MINUS_INFINITY}, sums[2] = {0, 0};
    for (int start = 0; start < work.other_count; start += TENSOR_TILE) {
        int count = min(TENSOR_TILE, work.other_count - start);
        __syncthreads();
        keys.load(key, head, work.other_first + start, count, head_dim);
        values.load(value, head, work.other_first + start, count, head_dim);
        __syncthreads();
        ScoreFragments scores;
        scores.multiply(queries, keys);
        float corrections[2];
        for (int half = 0; half < 2; half++) {
            float higher = maxima[half];
            for (int block = 0; block < TENSOR_TILE / MMA_COLUMNS; block++)
                for (int i = 2 * half; i < 2 * half + 2; i++)
                    if (scores.column(block, i) < count) higher = fmaxf(higher, scores.at[block][i] * scale);
            higher = group_maximum(higher);
            corrections[half] = expf(maxima[half] - higher);
            sums[half] *= corrections[half];
            maxima[half] = higher;
            for (int block = 0; block < TENSOR_TILE / MMA_COLUMNS; block++)
                for (int i = 2 * half; i < 2 * half + 2; i++) {
                    float probability =
                        scores.column(block, i) < count ? expf(scores.at[block][i] * scale - higher) : 0;
                    scores.at[block][i] = probability;
                    sums[half] += probability;
                }
        }
        result.scale(corrections[0], corrections[1]);
        result.add_product(scores, values);
    }
    float upper = group_sum(sums[0]), lower = group_sum(sums[1]);
    // Exact division would call a subroutine, around which registers are spilled.
    bool any = work.other_count > 0;
    result.scale(any ? __fdividef(1, upper) : 0, any ? __fdividef(1, lower) : 0);
    result.store(out, head, work.first, work.count, head_dim);
}

#define ATTENTION_FORWARD_BF16(dim)                                                                                \
    KERNEL __launch_bounds__(TENSOR_THREADS) attention_forward_bf16_##dim(                                         \
        const Work *works, Heads<BFloat16> query, Heads<BFloat16> key, Heads<BFloat16> value,                      \
        Heads<BFloat16> out, int head_dim, float scale) {                                                          \
        attention_forward_bf16<dim>(works, query, key, value, out, head_dim, scale);                               \
    }

ATTENTION_FORWARD_BF16(32)
ATTENTION_FORWARD_BF16(64)
ATTENTION_FORWARD_BF16(128)
