#include "AttentionTiles.cuh"

// out = softmax(scale q kᵀ) v for the queries of works[blockIdx.x] and the head blockIdx.y, with the softmax's maximum
// and sum carried from tile to tile of keys. Queries without keys give 0.
template <int rows, int dim, typename Number>
static __device__ inline void attention_forward(
    const Work *works, Heads<Number> query, Heads<Number> key, Heads<Number> value, Heads<Number> out,
    int head_dim, float scale) {
    __shared__ Tile<rows, dim> queries, others;
    __shared__ Tile<rows, rows> probabilities;
    // What the sums so far are multiplied by: the maximum may have risen.
    __shared__ float corrections[rows];
    typedef RowTeam<rows> Team;

    Work work = works[blockIdx.x];
    int head = blockIdx.y;
    queries.load(query, head, work.first, work.count, head_dim);
    Result<rows, dim> result;
    result.clear();
    float maximum = MINUS_INFINITY, sum = 0;
    for (int start = 0; start < work.other_count; start += rows) {
        int count = min(rows, work.other_count - start);
        // The tile's last values have been read.
        __syncthreads();
        others.load(key, head, work.other_first + start, count, head_dim);
        __syncthreads();
        Scores<rows> scores;
        scores.multiply(queries, others);
        scores.store(probabilities);
        __syncthreads();

        float *row = probabilities.at[Team::row()];
        float higher = maximum;
        for (int k = Team::member(); k < count; k += Team::size) higher = fmaxf(higher, row[k] * scale);
        higher = Team::maximum(higher);
        float part = 0;
        for (int k = Team::member(); k < rows; k += Team::size) {
            float probability = k < count ? expf(row[k] * scale - higher) : 0;
            row[k] = probability;
            part += probability;
        }
        float correction = expf(maximum - higher);
        sum = sum * correction + Team::sum(part);
        maximum = higher;
        if (Team::member() == 0) corrections[Team::row()] = correction;
        others.load(value, head, work.other_first + start, count, head_dim);
        __syncthreads();
        for (int i = 0; i < result.height; i++)
            for (int j = 0; j < result.width; j++) result.at[i][j] *= corrections[own_row(i)];
        result.add_product(probabilities, others);
    }
    __syncthreads();
    if (Team::member() == 0) corrections[Team::row()] = work.other_count > 0 ? 1 / sum : 0;
    __syncthreads();
    for (int i = 0; i < result.height; i++)
        for (int j = 0; j < result.width; j++) result.at[i][j] *= corrections[own_row(i)];
    result.store(out, head, work.first, work.count, head_dim);
}

#define ATTENTION_FORWARD(suffix, Number, rows, dim)                                                               \
    KERNEL __launch_bounds__(ATTENTION_THREADS) attention_forward##suffix##_##dim(                                 \
        const Work *works, Heads<Number> query, Heads<Number> key, Heads<Number> value, Heads<Number> out,         \
        int head_dim, float scale) {                                                                               \
        attention_forward<rows, dim>(works, query, key, value, out, head_dim, scale);                              \
    }

// Of bfloat16 there are tensor cores' own.
#define ATTENTION_FORWARDS(suffix, Number)                                                                         \
    ATTENTION_FORWARD(suffix, Number, 32, 32)                                                                      \
    ATTENTION_FORWARD(suffix, Number, 32, 64)                                                                      \
    ATTENTION_FORWARD(suffix, Number, 32, 128)
ATTENTION_FORWARDS(, float)
ATTENTION_FORWARDS(_fp16, Float16)
