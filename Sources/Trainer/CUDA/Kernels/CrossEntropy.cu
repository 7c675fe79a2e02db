#include "Common.cuh"

// A maximum and the sum of e^(x - maximum), over some of a row.
struct Exponentials {
    float maximum;
    float sum;
};

// A NaN of either gives a sum of NaN.
static __device__ inline Exponentials joined(Exponentials a, Exponentials b) {
    float maximum = a.maximum > b.maximum ? a.maximum : b.maximum;
    // Nothing joined with nothing: -inf - -inf would be NaN.
    if (maximum == MINUS_INFINITY) return Exponentials{maximum, a.sum + b.sum};
    return Exponentials{maximum, a.sum * expf(a.maximum - maximum) + b.sum * expf(b.maximum - maximum)};
}

// loss[row] = -log softmax(row)[target[row]]; logits become scale[row] * (softmax - one hot).
// One block of REDUCING_THREADS a row.
KERNEL __launch_bounds__(REDUCING_THREADS) cross_entropy(
    float *logits, float *losses, const int *targets, const float *scales, long long rows, int columns) {
    __shared__ Exponentials parts[REDUCING_THREADS / WARP];
    for (long long row = blockIdx.x; row < rows; row += gridDim.x) {
        float *x = logits + row * columns;
        Exponentials own = {MINUS_INFINITY, 0};
        for (int i = threadIdx.x; i < columns; i += REDUCING_THREADS) own = joined(own, Exponentials{x[i], 1});
        for (int distance = WARP / 2; distance > 0; distance /= 2) {
            Exponentials other;
            other.maximum = __shfl_xor_sync(FULL_WARP, own.maximum, distance);
            other.sum = __shfl_xor_sync(FULL_WARP, own.sum, distance);
            own = joined(own, other);
        }
        if (threadIdx.x % WARP == 0) parts[threadIdx.x / WARP] = own;
        __syncthreads();
        Exponentials all = parts[0];
        for (int warp = 1; warp < REDUCING_THREADS / WARP; warp++) all = joined(all, parts[warp]);
        int target = targets[row];
        // In double precision: the loss of a sure row is a small difference of large numbers.
        if (threadIdx.x == 0)
            losses[row] = (float)(log((double)all.sum) + (double)all.maximum - (double)x[target]);
        // The target's logit has been read, and the parts, before the row is overwritten.
        __syncthreads();
        float scale = scales[row], factor = scale / all.sum;
        for (int i = threadIdx.x; i < columns; i += REDUCING_THREADS)
            x[i] = factor * expf(x[i] - all.maximum) - (i == target ? scale : 0);
    }
}
