#include "AttentionTiles.cuh"

// The backward pass computes probabilities again. With p = softmax(scale q kᵀ), dp = dout vᵀ and
// delta[query] = Σ p dp over keys:
//   ds = p (dp - delta),  dq = scale ds k,  dk = scale dsᵀ q,  dv = pᵀ dout.
// One kernel works by queries and one by keys, so that each writes its rows alone and in one order.

// dq of the queries of works[blockIdx.x] and the head blockIdx.y. Leaves each query's log Σ e^(scale q k) and delta in
// statistics[query * heads + head] for the other kernel.
template <int rows, int dim, typename Number>
static __device__ inline void attention_backward_query(
    const Work *works, Heads<Number> query, Heads<Number> key, Heads<Number> value, Heads<Number> out_gradient,
    Heads<Number> query_gradient,
    float2 *statistics, int heads, int head_dim, float scale) {
    __shared__ Tile<rows, dim> queries, gradients, keys, values;
    __shared__ Tile<rows, rows> scores, products;
    // Of each query: log of the sum, delta.
    __shared__ float logarithms[rows], deltas[rows];
    typedef RowTeam<rows> Team;

    Work work = works[blockIdx.x];
    int head = blockIdx.y;
    queries.load(query, head, work.first, work.count, head_dim);
    gradients.load(out_gradient, head, work.first, work.count, head_dim);

    float maximum = MINUS_INFINITY, sum = 0, weighted = 0;
    for (int start = 0; start < work.other_count; start += rows) {
        int count = min(rows, work.other_count - start);
        // All have multiplied by the tiles before: they have met since.
        keys.load(key, head, work.other_first + start, count, head_dim);
        values.load(value, head, work.other_first + start, count, head_dim);
        __syncthreads();
        Scores<rows> own;
        own.multiply(queries, keys);
        own.store(scores);
        own.multiply(gradients, values);
        own.store(products);
        __syncthreads();
        const float *score = scores.at[Team::row()], *product = products.at[Team::row()];
        float higher = maximum;
        for (int k = Team::member(); k < count; k += Team::size) higher = fmaxf(higher, score[k] * scale);
        higher = Team::maximum(higher);
        float part = 0, weighted_part = 0;
        for (int k = Team::member(); k < count; k += Team::size) {
            float exponential = expf(score[k] * scale - higher);
            part += exponential;
            weighted_part += exponential * product[k];
        }
        float correction = expf(maximum - higher);
        sum = sum * correction + Team::sum(part);
        weighted = weighted * correction + Team::sum(weighted_part);
        maximum = higher;
    }
    if (Team::member() == 0) {
        int row = Team::row();
        logarithms[row] = maximum + logf(sum);
        deltas[row] = weighted / sum;
        if (row < work.count)
            statistics[(long long)(work.first + row) * heads + head] = make_float2(logarithms[row], deltas[row]);
    }

    Result<rows, dim> result;
    result.clear();
    for (int start = 0; start < work.other_count; start += rows) {
        int count = min(rows, work.other_count - start);
        __syncthreads();
        keys.load(key, head, work.other_first + start, count, head_dim);
        values.load(value, head, work.other_first + start, count, head_dim);
        __syncthreads();
        Scores<rows> own, product;
        own.multiply(queries, keys);
        product.multiply(gradients, values);
        for (int i = 0; i < own.height; i++)
            for (int j = 0; j < own.width; j++) {
                float probability =
                    own_column(j) < count ? expf(own.at[i][j] * scale - logarithms[own_row(i)]) : 0;
                own.at[i][j] = scale * probability * (product.at[i][j] - deltas[own_row(i)]);
            }
        own.store(scores);
        __syncthreads();
        result.add_product(scores, keys);
    }
    result.store(query_gradient, head, work.first, work.count, head_dim);
}

// dk and dv of the keys of works[blockIdx.x] and the head blockIdx.y.
template <int rows, int dim, typename Number>
static __device__ inline void attention_backward_key(
    const Work *works, Heads<Number> query, Heads<Number> key, Heads<Number> value, Heads<Number> out_gradient,
    Heads<Number> key_gradient,
    Heads<Number> value_gradient, const float2 *statistics, int heads, int head_dim, float scale) {
    __shared__ Tile<rows, dim> queries, gradients, keys, values;
    // Rows are keys, columns queries.
    __shared__ Tile<rows, rows> probabilities, scores;

    Work work = works[blockIdx.x];
    int head = blockIdx.y;
    keys.load(key, head, work.first, work.count, head_dim);
    values.load(value, head, work.first, work.count, head_dim);
    Result<rows, dim> key_result, value_result;
    key_result.clear();
    value_result.clear();
    for (int start = 0; start < work.other_count; start += rows) {
        int first = work.other_first + start, count = min(rows, work.other_count - start);
        __syncthreads();
        queries.load(query, head, first, count, head_dim);
        gradients.load(out_gradient, head, first, count, head_dim);
        __syncthreads();
        Scores<rows> own, product;
        own.multiply(keys, queries);
        product.multiply(values, gradients);
        for (int j = 0; j < own.width; j++) {
            int column = own_column(j);
            float2 statistic = make_float2(0, 0);
            if (column < count) statistic = statistics[(long long)(first + column) * heads + head];
            for (int i = 0; i < own.height; i++) {
                float probability = column < count ? expf(own.at[i][j] * scale - statistic.x) : 0;
                own.at[i][j] = probability;
                product.at[i][j] = scale * probability * (product.at[i][j] - statistic.y);
            }
        }
        own.store(probabilities);
        product.store(scores);
        __syncthreads();
        value_result.add_product(probabilities, gradients);
        key_result.add_product(scores, queries);
    }
    key_result.store(key_gradient, head, work.first, work.count, head_dim);
    value_result.store(value_gradient, head, work.first, work.count, head_dim);
}

#define ATTENTION_BACKWARD(suffix, Number, rows, dim)                                                              \
    KERNEL __launch_bounds__(ATTENTION_THREADS) attention_backward_query##suffix##_##dim(                          \
        const Work *works, Heads<Number> query, Heads<Number> key, Heads<Number> value,                            \
        Heads<Number> out_gradient, Heads<Number> query_gradient, float2 *statistics, int heads, int head_dim,     \
        float scale) {                                                                                             \
        attention_backward_query<rows, dim>(                                                                       \
            works, query, key, value, out_gradient, query_gradient, statistics, heads, head_dim, scale);           \
    }                                                                                                              \
    KERNEL __launch_bounds__(ATTENTION_THREADS) attention_backward_key##suffix##_##dim(                            \
        const Work *works, Heads<Number> query, Heads<Number> key, Heads<Number> value,                            \
        Heads<Number> out_gradient, Heads<Number> key_gradient, Heads<Number> value_gradient,                      \
        const float2 *statistics, int heads, int head_dim, float scale) {                                          \
        attention_backward_key<rows, dim>(                                                                         \
            works, query, key, value, out_gradient, key_gradient, value_gradient, statistics, heads, head_dim,     \
            scale);                                                                                                \
    }

// Narrower tiles for the widest heads: 48 KiB of shared memory hold no more.
#define ATTENTION_BACKWARDS(suffix, Number)                                                                        \
    ATTENTION_BACKWARD(suffix, Number, 32, 32)                                                                     \
    ATTENTION_BACKWARD(suffix, Number, 32, 64)                                                                     \
    ATTENTION_BACKWARD(suffix, Number, 16, 128)
ATTENTION_BACKWARDS(, float)
ATTENTION_BACKWARDS(_fp16, Float16)
// Tensor cores' own would need more registers than there are.
ATTENTION_BACKWARD(_bf16, BFloat16, 16, 128)
