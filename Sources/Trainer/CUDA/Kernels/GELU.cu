#include "Numbers.cuh"

static __device__ inline float normal_cumulative(float x) { return 0.5f * (1.0f + erff(x * 0.707106781f)); }

static __device__ inline float gelu(float x) { return x * normal_cumulative(x); }

// GELU's derivative.
static __device__ inline float gelu_slope(float x) {
    return normal_cumulative(x) + x * 0.398942280f * expf(-0.5f * x * x);
}

// hidden += bias, if there is one; activated = gelu(hidden), by erf. Rows lie `stride` apart.
template <typename Number>
static __device__ inline void gelu_of_rows(
    Number *hidden, Number *activated, const float *bias, long long rows, int dim, int stride) {
    if (!bias && stride == dim && holds_pairs(hidden) && holds_pairs(activated)) {
        long long count = rows * dim, pairs = count / 2;
        for (long long i = thread_index(); i < pairs; i += thread_count()) {
            Pair x = pair_at(hidden + 2 * i);
            put_pair(activated + 2 * i, Pair{gelu(x.first), gelu(x.second)});
        }
        if (count % 2 == 1 && thread_index() == 0) put(activated[count - 1], gelu(number(hidden[count - 1])));
        return;
    }
    for (long long i = thread_index(); i < rows * dim; i += thread_count()) {
        long long column = i % dim, place = i / dim * stride + column;
        if (bias) put(hidden[place], number(hidden[place]) + bias[column]);
        put(activated[place], gelu(number(hidden[place])));
    }
}

// In place: the gradient of the output becomes the input's, and the input becomes gelu(input).
template <typename Number>
static __device__ inline void gelu_backward_of(Number *gradient, Number *in, long long count) {
    long long pairs = holds_pairs(gradient) && holds_pairs(in) ? count / 2 : 0;
    for (long long i = thread_index(); i < pairs; i += thread_count()) {
        Pair x = pair_at(in + 2 * i), g = pair_at(gradient + 2 * i);
        put_pair(in + 2 * i, Pair{gelu(x.first), gelu(x.second)});
        put_pair(gradient + 2 * i, Pair{g.first * gelu_slope(x.first), g.second * gelu_slope(x.second)});
    }
    for (long long i = 2 * pairs + thread_index(); i < count; i += thread_count()) {
        float x = number(in[i]);
        put(in[i], gelu(x));
        put(gradient[i], number(gradient[i]) * gelu_slope(x));
    }
}

#define GELU(suffix, Number)                                                                                       \
    KERNEL gelu_forward##suffix(                                                                                   \
        Number *hidden, Number *activated, const float *bias, long long rows, int dim, int stride) {               \
        gelu_of_rows(hidden, activated, bias, rows, dim, stride);                                                  \
    }                                                                                                              \
    KERNEL gelu_backward##suffix(Number *gradient, Number *in, long long count) {                                  \
        gelu_backward_of(gradient, in, count);                                                                     \
    }
FOR_NUMBERS(GELU)
#undef GELU
