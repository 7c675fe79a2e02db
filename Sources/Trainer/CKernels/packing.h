// Copies blocks of matrices in the order that the product reads them in: included before product.h, for each instruction
// set. TILE_COLUMNS, INLINE and the vector of the set's LANES are product.h's too, which ends them.

#define TILE_COLUMNS (TILE_VECTORS * LANES)
#define INLINE static inline __attribute__((always_inline))

typedef float NAME(vector) __attribute__((vector_size(4 * LANES), aligned(4)));

#if LANES == 16
// out[column * width + line] = in[line][p + column] for 4 lines of 16 columns: squares of 4 x 4, four at once.
INLINE void NAME(transpose)(float *restrict out, const float *const *in, long p, long width) {
    NAME(vector) r0 = *(const NAME(vector) *)(in[0] + p), r1 = *(const NAME(vector) *)(in[1] + p);
    NAME(vector) r2 = *(const NAME(vector) *)(in[2] + p), r3 = *(const NAME(vector) *)(in[3] + p);
#define LOW(x, y) __builtin_shufflevector(x, y, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29)
#define HIGH(x, y) __builtin_shufflevector(x, y, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31)
#define FIRST(x, y) __builtin_shufflevector(x, y, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
#define SECOND(x, y) __builtin_shufflevector(x, y, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31)
    NAME(vector) a = LOW(r0, r1), b = HIGH(r0, r1), c = LOW(r2, r3), d = HIGH(r2, r3);
    NAME(vector) columns[4] = {FIRST(a, c), SECOND(a, c), FIRST(b, d), SECOND(b, d)};
#undef LOW
#undef HIGH
#undef FIRST
#undef SECOND
#pragma clang loop unroll(full)
    for (int square = 0; square < 4; square++) {
#pragma clang loop unroll(full)
        for (int i = 0; i < 4; i++)
            memcpy(out + (4 * square + i) * width, (const float *)&columns[i] + 4 * square, 4 * sizeof(float));
    }
}
#define LINES 4
#define TRANSPOSED 16
#elif LANES == 8
// out[column * width + line] = in[line][p + column] for 8 lines of 8 columns.
INLINE void NAME(transpose)(float *restrict out, const float *const *in, long p, long width) {
    NAME(vector) r[8], s[8];
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i++) r[i] = *(const NAME(vector) *)(in[i] + p);
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i += 2) {
        s[i] = __builtin_shufflevector(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        s[i + 1] = __builtin_shufflevector(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i += 4) {
        r[i] = __builtin_shufflevector(s[i], s[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
        r[i + 1] = __builtin_shufflevector(s[i], s[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        r[i + 2] = __builtin_shufflevector(s[i + 1], s[i + 3], 0, 1, 8, 9, 4, 5, 12, 13);
        r[i + 3] = __builtin_shufflevector(s[i + 1], s[i + 3], 2, 3, 10, 11, 6, 7, 14, 15);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
        *(NAME(vector) *)(out + i * width) = __builtin_shufflevector(r[i], r[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        s[i] = __builtin_shufflevector(r[i], r[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) *(NAME(vector) *)(out + (i + 4) * width) = s[i];
}
#define LINES 8
#define TRANSPOSED 8
#else
// The same for a square of 4 x 4.
INLINE void NAME(transpose)(float *restrict out, const float *const *in, long p, long width) {
    four r0, r1, r2, r3;
    memcpy(&r0, in[0] + p, sizeof r0);
    memcpy(&r1, in[1] + p, sizeof r1);
    memcpy(&r2, in[2] + p, sizeof r2);
    memcpy(&r3, in[3] + p, sizeof r3);
    four a = __builtin_shufflevector(r0, r1, 0, 4, 1, 5), b = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
    four c = __builtin_shufflevector(r2, r3, 0, 4, 1, 5), d = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
    r0 = __builtin_shufflevector(a, c, 0, 1, 4, 5);
    r1 = __builtin_shufflevector(a, c, 2, 3, 6, 7);
    r2 = __builtin_shufflevector(b, d, 0, 1, 4, 5);
    r3 = __builtin_shufflevector(b, d, 2, 3, 6, 7);
    memcpy(out, &r0, sizeof r0);
    memcpy(out + width, &r1, sizeof r1);
    memcpy(out + 2 * width, &r2, sizeof r2);
    memcpy(out + 3 * width, &r3, sizeof r3);
}
#define LINES 4
#define TRANSPOSED 4
#endif

// out[p * width + i] = in[i * line + p * step] for i < count; what is between `count` and `width`, which is known where
// this is compiled, may be anything finite that `in` holds. Writes up to LINES - 1 floats too many.
INLINE void NAME(pack_panel)(
    float *restrict out, const float *restrict in, long line, long step, long count, const long width, long depth) {
    if (line == 1 && count == width) {
        for (long p = 0; p < depth; p++) {
            __builtin_prefetch(in + (p + 8) * step, 0, 3);
            memcpy(out + p * width, in + p * step, (size_t)width * sizeof(float));
        }
        return;
    }
    if (step != 1) {
        for (long p = 0; p < depth; p++)
            for (long i = 0; i < width; i++) out[p * width + i] = i < count ? in[i * line + p * step] : 0;
        return;
    }
    for (long i = 0; i < width; i += LINES) {
        // Lines that are lacking are read as the last one.
        const float *lines[LINES];
        for (long each = 0; each < LINES; each++) lines[each] = in + (i + each < count ? i + each : count - 1) * line;
        long p = 0;
        for (; p + TRANSPOSED <= depth; p += TRANSPOSED) NAME(transpose)(out + p * width + i, lines, p, width);
        for (; p < depth; p++)
            for (long each = 0; each < LINES && i + each < width; each++) out[p * width + i + each] = lines[each][p];
    }
}

#undef LINES
#undef TRANSPOSED
