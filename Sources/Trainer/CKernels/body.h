// The kernels, written once and compiled for each instruction set: kernels.c includes this file repeatedly with NAME
// defined. Loops are plain so that the compiler vectorises them; where that needs sums to be reordered, a pragma
// allows it for that loop alone.

static inline float NAME(bits_to_float)(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint32_t NAME(float_to_bits)(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

// e^x with a relative error of about 1e-7: 2^n * e^r, |r| <= ln(2) / 2, by Cephes' polynomial. Below -87.3 it stays at
// the smallest normal number; above 88.3 at the largest of its range. NaN stays NaN.
static inline float NAME(exponential)(float x) {
    x = x < -87.3f ? -87.3f : x;
    x = x > 88.3f ? 88.3f : x;
    // Adding 1.5 * 2^23 rounds to a whole number in the low bits.
    const float rounder = 12582912.0f;
    float shifted = x * 1.44269504f + rounder;
    float n = shifted - rounder;
    float r = x - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * (r * r) + r + 1.0f;
    return p * NAME(bits_to_float)((NAME(float_to_bits)(shifted) << 23) + 0x3F800000u);
}

// erf(x) as a quotient of two polynomials, by Eigen: at most 4e-7 from it.
static inline float NAME(error_function)(float x) {
    x = x < -4.0f ? -4.0f : x;
    x = x > 4.0f ? 4.0f : x;
    float s = x * x;
    float p = -2.72614225801306e-10f;
    p = p * s + 2.77068142495902e-08f;
    p = p * s - 2.10102402082508e-06f;
    p = p * s - 5.69250639462346e-05f;
    p = p * s - 7.34990630326855e-04f;
    p = p * s - 2.95459980854025e-03f;
    p = p * s - 1.60960333262415e-02f;
    float q = -1.45660718464996e-05f;
    q = q * s - 2.13374055278905e-04f;
    q = q * s - 1.68282697438203e-03f;
    q = q * s - 7.37332916720468e-03f;
    q = q * s - 1.42647390514189e-02f;
    // At 4, where x was stopped, it is exactly 1: GELU must be exactly 0 far below 0.
    return x * p / q;
}

static inline float NAME(row_maximum)(const float *row, long count) {
    enum { lanes = 32 };
    float maxima[lanes];
    for (int lane = 0; lane < lanes; lane++) maxima[lane] = row[0];
    long i = 0;
    for (; i + lanes <= count; i += lanes)
        for (int lane = 0; lane < lanes; lane++)
            maxima[lane] = row[i + lane] > maxima[lane] ? row[i + lane] : maxima[lane];
    for (int lane = 0; i < count; i++, lane++) maxima[lane] = row[i] > maxima[lane] ? row[i] : maxima[lane];
    for (int half = lanes / 2; half > 0; half /= 2)
        for (int lane = 0; lane < half; lane++)
            maxima[lane] = maxima[lane + half] > maxima[lane] ? maxima[lane + half] : maxima[lane];
    return maxima[0];
}

// In place: row becomes e^(scale * (row - maximum)); returns the sum.
static inline float NAME(exponentiate_row)(float *row, long count, float maximum, float scale) {
    float sum = 0;
    for (long i = 0; i < count; i++) {
#pragma clang fp reassociate(on)
        float e = NAME(exponential)((row[i] - maximum) * scale);
        row[i] = e;
        sum += e;
    }
    return sum;
}

static void NAME(layer_norm_forward)(
    float *restrict out, float *restrict mean, float *restrict inverse_deviation, const float *restrict in,
    const float *restrict weight, long rows, long dim) {
    for (long row = 0; row < rows; row++, in += dim, out += dim) {
        float sum = 0, squares = 0;
        for (long i = 0; i < dim; i++) {
#pragma clang fp reassociate(on)
            sum += in[i];
        }
        float m = sum / dim;
        for (long i = 0; i < dim; i++) {
#pragma clang fp reassociate(on)
            squares += (in[i] - m) * (in[i] - m);
        }
        float r = 1.0f / sqrtf(squares / dim + 1e-6f);
        for (long i = 0; i < dim; i++) out[i] = (in[i] - m) * r * weight[i];
        mean[row] = m;
        inverse_deviation[row] = r;
    }
}

static void NAME(layer_norm_backward)(
    float *restrict in_gradient, float *restrict weight_gradient, const float *restrict out_gradient,
    const float *restrict in, const float *restrict mean, const float *restrict inverse_deviation,
    const float *restrict weight, long rows, long dim) {
    for (long row = 0; row < rows; row++, in += dim, in_gradient += dim, out_gradient += dim) {
        float m = mean[row], r = inverse_deviation[row];
        float sum = 0, dot = 0;
        for (long i = 0; i < dim; i++) {
#pragma clang fp reassociate(on)
            float g = out_gradient[i] * weight[i];
            sum += g;
            dot += g * ((in[i] - m) * r);
        }
        sum /= dim;
        dot /= dim;
        for (long i = 0; i < dim; i++) {
            float x = (in[i] - m) * r;
            weight_gradient[i] += out_gradient[i] * x;
            in_gradient[i] += r * (out_gradient[i] * weight[i] - sum - x * dot);
        }
    }
}

static void NAME(gelu_forward)(float *restrict out, const float *restrict in, long count) {
    for (long i = 0; i < count; i++)
        out[i] = 0.5f * in[i] * (1.0f + NAME(error_function)(in[i] * 0.707106781f));
}

static void NAME(gelu_backward)(float *in_gradient, const float *out_gradient, const float *in, long count) {
#pragma clang loop vectorize(assume_safety)
    for (long i = 0; i < count; i++) {
        float x = in[i];
        float cumulative = 0.5f * (1.0f + NAME(error_function)(x * 0.707106781f));
        float density = 0.398942280f * NAME(exponential)(-0.5f * x * x);
        in_gradient[i] = out_gradient[i] * (cumulative + x * density);
    }
}

static void NAME(gelu_backward_activating)(float *restrict gradient, float *restrict in, long count) {
    for (long i = 0; i < count; i++) {
        float x = in[i];
        float cumulative = 0.5f * (1.0f + NAME(error_function)(x * 0.707106781f));
        float density = 0.398942280f * NAME(exponential)(-0.5f * x * x);
        in[i] = x * cumulative;
        gradient[i] *= cumulative + x * density;
    }
}

static void NAME(softmax_forward)(float *restrict scores, long rows, long columns, float scale) {
    for (long row = 0; row < rows; row++, scores += columns) {
        float sum = NAME(exponentiate_row)(scores, columns, NAME(row_maximum)(scores, columns), scale);
        float inverse = 1.0f / sum;
        for (long i = 0; i < columns; i++) scores[i] *= inverse;
    }
}

static void NAME(softmax_backward)(
    float *restrict gradient, const float *restrict probabilities, long rows, long columns, float scale) {
    for (long row = 0; row < rows; row++, gradient += columns, probabilities += columns) {
        float dot = 0;
        for (long i = 0; i < columns; i++) {
#pragma clang fp reassociate(on)
            dot += gradient[i] * probabilities[i];
        }
        for (long i = 0; i < columns; i++) gradient[i] = scale * probabilities[i] * (gradient[i] - dot);
    }
}

static void NAME(cross_entropy)(
    float *restrict logits, float *restrict loss, const int32_t *restrict targets, const float *restrict scale,
    long rows, long columns) {
    for (long row = 0; row < rows; row++, logits += columns) {
        float maximum = NAME(row_maximum)(logits, columns);
        float target = logits[targets[row]];
        float sum = NAME(exponentiate_row)(logits, columns, maximum, 1.0f);
        loss[row] = (float)(log((double)sum) + (double)maximum - (double)target);
        float factor = scale[row] / sum;
        for (long i = 0; i < columns; i++) logits[i] *= factor;
        logits[targets[row]] -= scale[row];
    }
}

static void NAME(add)(float *restrict out, const float *restrict in, long count) {
    for (long i = 0; i < count; i++) out[i] += in[i];
}

static void NAME(gather)(
    float *restrict out, const float *restrict table, const int32_t *restrict indices, long rows, long dim,
    int accumulate) {
    for (long row = 0; row < rows; row++, out += dim) {
        const float *source = table + indices[row] * dim;
        if (accumulate) {
            NAME(add)(out, source, dim);
        } else {
            memcpy(out, source, (size_t)dim * sizeof(float));
        }
    }
}

static void NAME(scatter_add)(
    float *restrict table, const float *restrict in, const int32_t *restrict indices, long rows, long dim, long first,
    long last) {
    for (long row = 0; row < rows; row++)
        NAME(add)(table + indices[row] * dim + first, in + row * dim + first, last - first);
}

static double NAME(square_sum)(const float *restrict values, long count) {
    double sum = 0;
    for (long i = 0; i < count; i++) {
#pragma clang fp reassociate(on)
        sum += (double)values[i] * (double)values[i];
    }
    return sum;
}

static void NAME(adamw)(
    float *restrict values, float *restrict first_moment, float *restrict second_moment,
    const float *restrict gradients, long count, float gradient_scale, float beta1, float beta2, float decay,
    float step_size, float denominator_scale, float epsilon) {
#if defined(__x86_64__)
    // Numbers too small to be normal become 0: flush to zero, denormals are zero.
    const unsigned control = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(control | 0x8040);
#endif
    for (long i = 0; i < count; i++) {
        float g = gradients[i] * gradient_scale;
        float m = first_moment[i] + (g - first_moment[i]) * (1.0f - beta1);
        float v = second_moment[i] * beta2 + (1.0f - beta2) * g * g;
        first_moment[i] = m;
        second_moment[i] = v;
        values[i] = values[i] * decay - step_size * m / (sqrtf(v) * denominator_scale + epsilon);
    }
#if defined(__x86_64__)
    __builtin_ia32_ldmxcsr(control);
#endif
}

static void NAME(scale)(float *values, float factor, long count) {
    for (long i = 0; i < count; i++) values[i] *= factor;
}

static void NAME(add_row)(float *restrict out, const float *restrict row, long rows, long dim) {
    for (long r = 0; r < rows; r++, out += dim)
        for (long i = 0; i < dim; i++) out[i] += row[i];
}

static void NAME(add_column_sums)(
    float *restrict out, const float *restrict in, long rows, long dim, long first, long last) {
    for (long row = 0; row < rows; row++, in += dim)
        for (long i = first; i < last; i++) out[i] += in[i];
}

static inline float NAME(sigmoid)(float x) { return 1.0f / (1.0f + NAME(exponential)(-x)); }

static void NAME(gated_silu_forward)(float *restrict out, const float *restrict in, long rows, long half) {
    for (long row = 0; row < rows; row++, in += 2 * half, out += half)
        for (long i = 0; i < half; i++) out[i] = in[i] * NAME(sigmoid)(in[i]) * in[half + i];
}

static void NAME(gated_silu_backward)(
    float *restrict in_gradient, const float *restrict out_gradient, const float *restrict in, long rows, long half) {
    for (long row = 0; row < rows; row++, in += 2 * half, in_gradient += 2 * half, out_gradient += half)
        for (long i = 0; i < half; i++) {
            float gate = in[i], s = NAME(sigmoid)(gate);
            in_gradient[i] = out_gradient[i] * in[half + i] * s * (1.0f + gate * (1.0f - s));
            in_gradient[half + i] = out_gradient[i] * gate * s;
        }
}

static void NAME(rotate)(
    float *values, const int32_t *positions, const float *cosines, const float *sines, long rows, long row_stride,
    long heads, long head_stride, long half, float direction) {
    for (long row = 0; row < rows; row++, values += row_stride) {
        const float *cosine = cosines + positions[row] * half, *sine = sines + positions[row] * half;
        for (long head = 0; head < heads; head++) {
            float *restrict low = values + head * head_stride, *restrict high = low + half;
            for (long i = 0; i < half; i++) {
                float a = low[i], b = high[i], s = direction * sine[i];
                low[i] = a * cosine[i] - b * s;
                high[i] = b * cosine[i] + a * s;
            }
        }
    }
}

static void NAME(blend)(float *restrict out, const float *restrict in, float share, long count) {
    for (long i = 0; i < count; i++) out[i] += share * (in[i] - out[i]);
}

static const Kernels NAME(table) = {
    .name = LEVEL,
    .tile_rows = TILE_ROWS,
    .tile_columns = TILE_VECTORS * LANES,
    .multiply = NAME(multiply),
    .layer_norm_forward = NAME(layer_norm_forward),
    .layer_norm_backward = NAME(layer_norm_backward),
    .gelu_forward = NAME(gelu_forward),
    .gelu_backward = NAME(gelu_backward),
    .gelu_backward_activating = NAME(gelu_backward_activating),
    .softmax_forward = NAME(softmax_forward),
    .softmax_backward = NAME(softmax_backward),
    .cross_entropy = NAME(cross_entropy),
    .add = NAME(add),
    .gather = NAME(gather),
    .scatter_add = NAME(scatter_add),
    .square_sum = NAME(square_sum),
    .adamw = NAME(adamw),
    .scale = NAME(scale),
    .add_row = NAME(add_row),
    .add_column_sums = NAME(add_column_sums),
    .gated_silu_forward = NAME(gated_silu_forward),
    .gated_silu_backward = NAME(gated_silu_backward),
    .rotate = NAME(rotate),
    .blend = NAME(blend),
};
