#include "Numbers.cuh"

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

// Over all threads of a block, given to all of them.
static __device__ inline Exponentials block_joined(Exponentials own) {
    __shared__ Exponentials parts[REDUCING_THREADS / WARP];
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
    return all;
}

// loss[row] = -log softmax(row)[target[row]], penalty[row] = z_loss log²Σe^x; logits become scale[row] times
// loss_scale, if there is one, times the gradient of both: softmax (1 + 2 z_loss logΣe^x) - one hot. One block of
// REDUCING_THREADS a row.
template <typename Number>
static __device__ inline void cross_entropy_rows(
    Number *logits, float *losses, float *penalties, const int *targets, const float *scales,
    const float *loss_scale, long long rows, int columns, float z_loss) {
    for (long long row = blockIdx.x; row < rows; row += gridDim.x) {
        Number *x = logits + row * columns;
        int pairs = holds_pairs(x) ? columns / 2 : 0;
        Exponentials own = {MINUS_INFINITY, 0};
        for (int i = threadIdx.x; i < pairs; i += REDUCING_THREADS) {
            Pair pair = pair_at(x + 2 * i);
            own = joined(joined(own, Exponentials{pair.first, 1}), Exponentials{pair.second, 1});
        }
        for (int i = 2 * pairs + threadIdx.x; i < columns; i += REDUCING_THREADS)
            own = joined(own, Exponentials{number(x[i]), 1});
        Exponentials all = block_joined(own);
        int target = targets[row];
        float log_sum = logf(all.sum) + all.maximum;
        // In double precision: the loss of a sure row is a small difference of large numbers.
        if (threadIdx.x == 0) {
            losses[row] = (float)(log((double)all.sum) + (double)all.maximum - (double)number(x[target]));
            if (penalties) penalties[row] = z_loss * log_sum * log_sum;
        }
        // The target's logit has been read, and the parts, before the row is overwritten.
        __syncthreads();
        float scale = scales[row] * (loss_scale ? *loss_scale : 1), factor = scale * (1 + 2 * z_loss * log_sum) / all.sum;
        for (int i = threadIdx.x; i < pairs; i += REDUCING_THREADS) {
            Pair pair = pair_at(x + 2 * i);
            pair.first = factor * expf(pair.first - all.maximum) - (2 * i == target ? scale : 0);
            pair.second = factor * expf(pair.second - all.maximum) - (2 * i + 1 == target ? scale : 0);
            put_pair(x + 2 * i, pair);
        }
        for (int i = 2 * pairs + threadIdx.x; i < columns; i += REDUCING_THREADS)
            put(x[i], factor * expf(number(x[i]) - all.maximum) - (i == target ? scale : 0));
    }
}

#define CROSS_ENTROPY(suffix, Number)                                                                              \
    KERNEL __launch_bounds__(REDUCING_THREADS) cross_entropy##suffix(                                              \
        Number *logits, float *losses, float *penalties, const int *targets, const float *scales,                  \
        const float *loss_scale, long long rows, int columns, float z_loss) {                                      \
        cross_entropy_rows(logits, losses, penalties, targets, scales, loss_scale, rows, columns, z_loss);         \
    }
FOR_NUMBERS(CROSS_ENTROPY)
#undef CROSS_ENTROPY
