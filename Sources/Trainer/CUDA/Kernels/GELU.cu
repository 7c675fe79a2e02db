#include "Common.cuh"

static __device__ inline float normal_cumulative(float x) { return 0.5f * (1.0f + erff(x * 0.707106781f)); }

// hidden += bias, if there is one; activated = gelu(hidden), by erf. Rows lie `stride` apart.
KERNEL gelu_forward(
    float *hidden, float *activated, const float *bias, long long rows, int dim, int stride) {
    for (long long i = thread_index(); i < rows * dim; i += thread_count()) {
        long long column = i % dim, place = i / dim * stride + column;
        float x = hidden[place];
        if (bias) {
            x += bias[column];
            hidden[place] = x;
        }
        activated[place] = x * normal_cumulative(x);
    }
}

// In place: the gradient of the output becomes the input's, and the input becomes gelu(input).
KERNEL gelu_backward(float *gradient, float *in, long long count) {
    for (long long i = thread_index(); i < count; i += thread_count()) {
        float x = in[i];
        float cumulative = normal_cumulative(x);
        float density = 0.398942280f * expf(-0.5f * x * x);
        in[i] = x * cumulative;
        gradient[i] *= cumulative + x * density;
    }
}
