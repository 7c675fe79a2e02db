#pragma once
#include <stdint.h>

// Tells the processor that a loop only waits, so that it takes less from its neighbours.
static inline void processor_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb");
#endif
}

// C = alpha * A * B + beta * C, m x k by k x n. Element (i, j) of A lies at a + i * a_row + j * a_column, and so B's;
// rows of C are contiguous and ldc apart. C is not read if beta is 0.
typedef struct {
    long m, n, k;
    const float *_Nonnull a;
    long a_row, a_column;
    const float *_Nonnull b;
    long b_row, b_column;
    float *_Nonnull c;
    long ldc;
    float alpha, beta;
} Product;

// Blocks of A and B that are packed at a time; `multiply` needs scratch memory of product_scratch floats.
enum {
    // At most, of A.
    product_block_rows = 120,
    product_block_columns = 768,
    product_block_depth = 256,
    // Up to so many columns of B, or rows of A, are few: the other operand is then read where it lies, not packed.
    product_few_columns = 128,
    product_few_rows = 64,
    // Blocks are padded to whole tiles, of at most 12 rows and 32 columns, and both are read a little ahead.
    product_scratch = product_block_depth * (product_block_rows + 16 + product_block_columns + 32) + 1024,
};

// Kernels in float32. All matrices are row-major. Each works on the rows or elements it is given, on the calling thread:
// callers divide the work. Each exists once per instruction set (see kernels_for).
typedef struct {
    // Of the instruction set.
    const char *_Nonnull name;
    // Rows and columns that `multiply` computes together: parts of C that are multiples of them waste nothing.
    long tile_rows, tile_columns;
    void (*_Nonnull multiply)(const Product *_Nonnull product, float *_Nonnull scratch);
    // Normalises each row to mean 0 and variance 1 (eps 1e-6), then multiplies by weight. Keeps mean and
    // 1 / standard deviation of each row for the backward pass.
    void (*_Nonnull layer_norm_forward)(
        float *_Nonnull out, float *_Nonnull mean, float *_Nonnull inverse_deviation, const float *_Nonnull in,
        const float *_Nonnull weight, long rows, long dim);
    // Adds to in_gradient and to weight_gradient.
    void (*_Nonnull layer_norm_backward)(
        float *_Nonnull in_gradient, float *_Nonnull weight_gradient, const float *_Nonnull out_gradient,
        const float *_Nonnull in, const float *_Nonnull mean, const float *_Nonnull inverse_deviation,
        const float *_Nonnull weight, long rows, long dim);
    // x * Phi(x), Phi by erf.
    void (*_Nonnull gelu_forward)(float *_Nonnull out, const float *_Nonnull in, long count);
    // in_gradient = out_gradient * gelu'(in); the two gradients may be the same memory.
    void (*_Nonnull gelu_backward)(
        float *_Nonnull in_gradient, const float *_Nonnull out_gradient, const float *_Nonnull in, long count);
    // The same where gelu(in) was not kept: in becomes gelu(in) too. In place.
    void (*_Nonnull gelu_backward_activating)(float *_Nonnull gradient, float *_Nonnull in, long count);
    // In place: each row of scores becomes softmax(scale * row).
    void (*_Nonnull softmax_forward)(float *_Nonnull scores, long rows, long columns, float scale);
    // In place: gradients of the probabilities become gradients of the unscaled scores.
    void (*_Nonnull softmax_backward)(
        float *_Nonnull gradient, const float *_Nonnull probabilities, long rows, long columns, float scale);
    // loss[row] = -log softmax(row)[target[row]]; logits become scale[row] * (softmax - one hot).
    void (*_Nonnull cross_entropy)(
        float *_Nonnull logits, float *_Nonnull loss, const int32_t *_Nonnull targets, const float *_Nonnull scale,
        long rows, long columns);
    // out += in
    void (*_Nonnull add)(float *_Nonnull out, const float *_Nonnull in, long count);
    // out[row] = table[indices[row]], or += if accumulate.
    void (*_Nonnull gather)(
        float *_Nonnull out, const float *_Nonnull table, const int32_t *_Nonnull indices, long rows, long dim,
        int accumulate);
    // table[indices[row]] += in[row], only columns first ..< last, so that threads can share the columns out.
    void (*_Nonnull scatter_add)(
        float *_Nonnull table, const float *_Nonnull in, const int32_t *_Nonnull indices, long rows, long dim,
        long first, long last);
    // Sum of squares, in double precision.
    double (*_Nonnull square_sum)(const float *_Nonnull values, long count);
    // One step of AdamW: decay = 1 - lr * weight_decay, step_size = lr / (1 - beta1^t),
    // denominator_scale = 1 / sqrt(1 - beta2^t). Gradients are multiplied by gradient_scale as they are read.
    // Moments without further gradients fade until they are too small to be normal numbers, where x86 processors are
    // slow; there they are 0 instead.
    void (*_Nonnull adamw)(
        float *_Nonnull values, float *_Nonnull first_moment, float *_Nonnull second_moment,
        const float *_Nonnull gradients, long count, float gradient_scale, float beta1, float beta2, float decay,
        float step_size, float denominator_scale, float epsilon);
    // values *= factor: AdamW where gradient and moments are 0.
    void (*_Nonnull scale)(float *_Nonnull values, float factor, long count);

    // What options need; a model without them never calls these.
    // Adds the same row to each row of out: a bias.
    void (*_Nonnull add_row)(float *_Nonnull out, const float *_Nonnull row, long rows, long dim);
    // out[i] += sum over rows of in[row][i], only columns first ..< last, so that threads can share the columns out.
    void (*_Nonnull add_column_sums)(
        float *_Nonnull out, const float *_Nonnull in, long rows, long dim, long first, long last);
    // Each row of in is a gate and a value of `half` elements each: out = silu(gate) * value.
    void (*_Nonnull gated_silu_forward)(float *_Nonnull out, const float *_Nonnull in, long rows, long half);
    void (*_Nonnull gated_silu_backward)(
        float *_Nonnull in_gradient, const float *_Nonnull out_gradient, const float *_Nonnull in, long rows,
        long half);
    // Turns the pairs (i, i + half) of each head's vector by its row's angles, cosines and sines being
    // [positions, half]; direction -1 turns back. Heads lie head_stride apart, rows row_stride.
    void (*_Nonnull rotate)(
        float *_Nonnull values, const int32_t *_Nonnull positions, const float *_Nonnull cosines,
        const float *_Nonnull sines, long rows, long row_stride, long heads, long head_stride, long half,
        float direction);
    // out += share * (in - out)
    void (*_Nonnull blend)(float *_Nonnull out, const float *_Nonnull in, float share, long count);
} Kernels;

// Instruction sets in rising order. Elsewhere than on x86-64 there is only the first.
enum { kernels_baseline = 0, kernels_avx2 = 1, kernels_avx512 = 2 };

// The highest instruction set that this processor has.
int kernels_best_level(void);
// The kernels for an instruction set; null if this processor does not have it.
const Kernels *_Nullable kernels_for(int level);
