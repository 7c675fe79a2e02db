#include "TensorCores.cuh"

// As attention_backward_query and attention_backward_key, by tensor cores: a warp takes 16 of the block's 64 rows.

template <int dim>
static __device__ inline void attention_backward_query_bf16(
    const Work *works, Heads<BFloat16> query, Heads<BFloat16> key, Heads<BFloat16> value,
    Heads<BFloat16> out_gradient, Heads<BFloat16> query_gradient,
    float2 *statistics, int heads, int head_dim, float scale) {
    __shared__ PairTile<dim> keys, values;
    __shared__ TransposedTile<dim> transposed_keys;

    Work work = works[blockIdx.x];
    int head = blockIdx.y;
    RowFragments<dim> queries, gradients;
    queries.load(query, head, work.first, work.count, head_dim);
    gradients.load(out_gradient, head, work.first, work.count, head_dim);

    // Of the rows g and g + 8; sums are of this thread's columns alone until the loop has ended.
    float maxima[2] = {MINUS_INFINITY, MINUS_INFINITY}, sums[2] = {0, 0}, weighted[2] = {0, 0};
    for (int start = 0; start < work.other_count; start += TENSOR_TILE) {
        int count = min(TENSOR_TILE, work.other_count - start);
        __syncthreads();
        keys.load(key, head, work.other_first + start, count, head_dim);
        values.load(value, head, work.other_first + start, count, head_dim);
        __syncthreads();
        ScoreFragments scores, products;
        scores.multiply(queries, keys);
        products.multiply(gradients, values);
        for (int half = 0; half < 2; half++) {
            float higher = maxima[half];
            for (int block = 0; block < TENSOR_TILE / MMA_COLUMNS; block++)
                for (int i = 2 * half; i < 2 * half + 2; i++)
                    if (scores.column(block, i) < count) higher = fmaxf(higher, scores.at[block][i] * scale);
            higher = group_maximum(higher);
            float correction = expf(maxima[half] - higher);
            sums[half] *= correction;
            weighted[half] *= correction;
            maxima[half] = higher;
            for (int block = 0; block < TENSOR_TILE / MMA_COLUMNS; block++)
                for (int i = 2 * half; i < 2 * half + 2; i++)
                    if (scores.column(block, i) < count) {
                        float exponential = expf(scores.at[block][i] * scale - higher);
                        sums[half] += exponential;
                        weighted[half] += exponential * products.at[block][i];
                    }
        }
    }
    float logarithms[2], deltas[2];
    for (int half = 0; half < 2; half++) {
        float sum = group_sum(sums[half]);
        logarithms[half] = maxima[half] + logf(sum);
        deltas[half] = group_sum(weighted[half]) / sum;
        int row = warp_row() + lane_group() + half * 8;
        if (lane_in_group() == 0 && row < work.count)
            statistics[(long long)(work.first + row) * heads + head] = make_float2(logarithms[half],
            deltas[half]);
    }

    ResultFragments<dim> result;
    result.clear();
    for (int start = 0; start < work.other_count; start += TENSOR_TILE) {
        int count = min(TENSOR_TILE, work.other_count - start);
        __syncthreads();
        keys.load(key, head, work.other_first + start, count, head_dim);
        values.load(value, head, work.other_first + start, count, head_dim);
        transposed_keys.load(key, head, work.other_first + start, count, head_dim);
        __syncthreads();
        ScoreFragments scores, products;
        scores.multiply(queries, keys);
        products.multiply(gradients, values);
        for (int block = 0; block < TENSOR_TILE / MMA_COLUMNS; block++)
            for (int i = 0; i < 4; i++) {
                float probability =
                    scores.column(block, i) < count ? expf(scores.at[block][i] * scale - logarithms[i / 2]) : 0;
                scores.at[block][i] = scale * probability * (products.at[block][i] - deltas[i / 2]);
            }
        result.add_product(scores, transposed_keys);
    }
    result.store(query_gradient, head, work.first, work.count, head_dim);
}

template <int dim>
static __device__ inline void attention_backward_key_bf16(
    const Work *works, Heads<BFloat16> query, Heads<BFloat16> key, Heads<BFloat16> value,
    Heads<BFloat16> out_gradient, Heads<BFloat16> key_gradient,
    Heads<BFloat16> value_gradient, const float2 *statistics, int heads, int head_dim, float scale) {
    __shared__ PairTile<dim> queries, gradients;
    __shared__ TransposedTile<dim> transposed_queries, transposed_gradients;

    Work work = works[blockIdx.x];
    int head = blockIdx.y;
    RowFragments<dim> keys, values;
    keys.load(key, head, work.first, work.count, head_dim);
    values.load(value, head, work.first, work.count, head_dim);
    ResultFragments<dim> key_result, value_result;
    key_result.clear();
    value_result.clear();
    for (int start = 0; start < work.other_count; start += TENSOR_TILE) {
        int first = work.other_first + start, count = min(TENSOR_TILE, work.other_count - start);
        __syncthreads();
        queries.load(query, head, first, count, head_dim);
        gradients.load(out_gradient, head, first, count, head_dim);
        transposed_queries.load(query, head, first, count, head_dim);
        transposed_gradients.load(out_gradient, head, first, count, head_dim);
        __syncthreads();
        ScoreFragments scores, products;
        scores.multiply(keys, queries);
        products.multiply(values, gradients);
        for (int block = 0; block < TENSOR_TILE / MMA_COLUMNS; block++)
            for (int i = 0; i < 4; i++) {
                int column = scores.column(block, i);
                float probability = 0, score_gradient = 0;
                if (column < count) {
                    float2 statistic = statistics[(long long)(first + column) * heads + head];
                    probability = expf(scores.at[block][i] * scale - statistic.x);
                    score_gradient = scale * probability * (products.at[block][i] - statistic.y);
                }
                scores.at[block][i] = probability;
                products.at[block][i] = score_gradient;
            }
        value_result.add_product(scores, transposed_gradients);
        key_result.add_product(products, transposed_queries);
    }
    key_result.store(key_gradient, head, work.first, work.count, head_dim);
    value_result.store(value_gradient, head, work.first, work.count, head_dim);
}

// Told that one block at a time is enough, the compiler takes the registers that it needs instead of spilling.
#define ATTENTION_BACKWARD_BF16(dim)                                                                               \
    KERNEL __launch_bounds__(TENSOR_THREADS, 1) attention_backward_query_bf16_##dim(                               \
        const Work *works, Heads<BFloat16> query, Heads<BFloat16> key, Heads<BFloat16> value,                      \
        Heads<BFloat16> out_gradient, Heads<BFloat16> query_gradient,                                              \
        float2 *statistics, int heads, int head_dim, float scale) {                                                \
        attention_backward_query_bf16<dim>(                                                                        \
            works, query, key, value, out_gradient, query_gradient, statistics, heads, head_dim, scale);           \
    }                                                                                                              \
    KERNEL __launch_bounds__(TENSOR_THREADS, 1) attention_backward_key_bf16_##dim(                                 \
        const Work *works, Heads<BFloat16> query, Heads<BFloat16> key, Heads<BFloat16> value,                      \
        Heads<BFloat16> out_gradient, Heads<BFloat16> key_gradient,                                                \
        Heads<BFloat16> value_gradient, const float2 *statistics, int heads, int head_dim, float scale) {          \
        attention_backward_key_bf16<dim>(                                                                          \
            works, query, key, value, out_gradient, key_gradient, value_gradient, statistics, heads, head_dim,     \
            scale);                                                                                                \
    }

ATTENTION_BACKWARD_BF16(32)
ATTENTION_BACKWARD_BF16(64)
