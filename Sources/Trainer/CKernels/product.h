// The matrix product, written once and compiled for each instruction set like body.h: kernels.c defines NAME, and
// LANES, TILE_ROWS and TILE_VECTORS to fit the registers of the set.
//
// A block of B and a panel of A are copied ("packed") so that the innermost loop reads both in order: the panel, of
// TILE_ROWS rows, stays in the first cache while the block streams past it from the second. The loop keeps a tile of C,
// TILE_ROWS x TILE_VECTORS * LANES, in registers. Each element of C is summed in an order that depends on `k` alone, so
// however callers cut C in parts, the result is the same bit for bit.

#define TILE_COLUMNS (TILE_VECTORS * LANES)
#define INLINE static inline __attribute__((always_inline))

typedef float NAME(vector) __attribute__((vector_size(4 * LANES), aligned(4)));

#if LANES == 16
// out[(p + column) * width + line] = in[line * step + column] for 4 lines of 16 columns: squares of 4 x 4, four at once.
INLINE void NAME(transpose)(float *restrict out, const float *restrict in, long line, long width) {
    NAME(vector) r0 = *(const NAME(vector) *)in, r1 = *(const NAME(vector) *)(in + line);
    NAME(vector) r2 = *(const NAME(vector) *)(in + 2 * line), r3 = *(const NAME(vector) *)(in + 3 * line);
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
#define TRANSPOSED 16
#else
// The same for a square of 4 x 4.
INLINE void NAME(transpose)(float *restrict out, const float *restrict in, long line, long width) {
    four r0, r1, r2, r3;
    memcpy(&r0, in, sizeof r0);
    memcpy(&r1, in + line, sizeof r1);
    memcpy(&r2, in + 2 * line, sizeof r2);
    memcpy(&r3, in + 3 * line, sizeof r3);
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
#define TRANSPOSED 4
#endif

// out[p * width + i] = in[i * line + p * step] for i < count; up to `width` it is filled with zeros. `width` is known
// where this is compiled.
INLINE void NAME(pack_panel)(
    float *restrict out, const float *restrict in, long line, long step, long count, const long width, long depth) {
    long i = 0;
    if (line == 1 && count == width) {
        for (long p = 0; p < depth; p++) {
            __builtin_prefetch(in + (p + 8) * step, 0, 3);
            memcpy(out + p * width, in + p * step, (size_t)width * sizeof(float));
        }
        return;
    }
    if (step == 1) {
        for (; i + 4 <= count; i += 4) {
            const float *source = in + i * line;
            long p = 0;
            for (; p + TRANSPOSED <= depth; p += TRANSPOSED)
                NAME(transpose)(out + p * width + i, source + p, line, width);
            for (; p < depth; p++)
                for (int lane = 0; lane < 4; lane++) out[p * width + i + lane] = source[lane * line + p];
        }
    }
    for (long p = 0; p < depth; p++) {
        for (long rest = i; rest < count; rest++) out[p * width + rest] = in[rest * line + p * step];
        for (long rest = count; rest < width; rest++) out[p * width + rest] = 0;
    }
}

// c = alpha * (packed a) * (packed b) + beta * c, a tile of `rows` of the panel's rows, which are known where this is
// compiled; c is not read if beta is 0.
INLINE void NAME(tile)(
    const int rows, long depth, const float *restrict a, const float *restrict b, float *restrict c, long ldc,
    float alpha, float beta) {
    // C comes from far away: it is on its way while the sums are made.
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
        for (int j = 0; j < TILE_COLUMNS; j += 16) __builtin_prefetch(c + i * ldc + j, 1, 3);
    NAME(vector) sums[TILE_ROWS][TILE_VECTORS];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
        for (int j = 0; j < TILE_VECTORS; j++) sums[i][j] = (NAME(vector)){0};
    for (long p = 0; p < depth; p++, a += TILE_ROWS, b += TILE_COLUMNS) {
        NAME(vector) columns[TILE_VECTORS];
#pragma clang loop unroll(full)
        for (int j = 0; j < TILE_COLUMNS; j += 16) __builtin_prefetch(b + 8 * TILE_COLUMNS + j, 0, 3);
#pragma clang loop unroll(full)
        for (int j = 0; j < TILE_VECTORS; j++) columns[j] = *(const NAME(vector) *)(b + j * LANES);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
            for (int j = 0; j < TILE_VECTORS; j++) sums[i][j] += a[i] * columns[j];
        }
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
        for (int j = 0; j < TILE_VECTORS; j++) {
            NAME(vector) *place = (NAME(vector) *)(c + i * ldc + j * LANES);
            *place = beta == 0 ? alpha * sums[i][j] : alpha * sums[i][j] + beta * *place;
        }
    }
}

static void NAME(whole_tile)(
    long depth, const float *restrict a, const float *restrict b, float *restrict c, long ldc, float alpha, float beta) {
    NAME(tile)(TILE_ROWS, depth, a, b, c, ldc, alpha, beta);
}

// A tile that C has only a part of; a third of its rows, or two, are not computed if C lacks them.
static void NAME(edge_tile)(
    long depth, const float *restrict a, const float *restrict b, float *restrict c, long ldc, float alpha, float beta,
    long rows, long columns) {
    float part[TILE_ROWS * TILE_COLUMNS];
    enum { third = (TILE_ROWS + 2) / 3 };
    if (rows <= third)
        NAME(tile)(third, depth, a, b, part, TILE_COLUMNS, alpha, 0);
    else if (rows <= 2 * third)
        NAME(tile)(2 * third, depth, a, b, part, TILE_COLUMNS, alpha, 0);
    else
        NAME(tile)(TILE_ROWS, depth, a, b, part, TILE_COLUMNS, alpha, 0);
    for (long i = 0; i < rows; i++)
        for (long j = 0; j < columns; j++) {
            float value = part[i * TILE_COLUMNS + j];
            c[i * ldc + j] = beta == 0 ? value : value + beta * c[i * ldc + j];
        }
}

static inline long NAME(least)(long a, long b) { return a < b ? a : b; }

static void NAME(multiply)(const Product *product, float *restrict scratch) {
    const long m = product->m, n = product->n, k = product->k, ldc = product->ldc;
    float *packed_a = scratch, *packed_b = scratch + product_panel_rows * product_block_depth;
    if (k == 0) {
        for (long i = 0; i < m; i++)
            for (long j = 0; j < n; j++)
                product->c[i * ldc + j] = product->beta == 0 ? 0 : product->beta * product->c[i * ldc + j];
        return;
    }
    for (long column = 0; column < n; column += product_block_columns) {
        const long columns = NAME(least)(product_block_columns, n - column);
        for (long start = 0; start < k; start += product_block_depth) {
            const long depth = NAME(least)(product_block_depth, k - start);
            const float beta = start == 0 ? product->beta : 1;
            for (long j = 0; j < columns; j += TILE_COLUMNS)
                NAME(pack_panel)(
                    packed_b + j * depth,
                    product->b + (column + j) * product->b_column + start * product->b_row, product->b_column,
                    product->b_row, NAME(least)(TILE_COLUMNS, columns - j), TILE_COLUMNS, depth);
            for (long row = 0; row < m; row += TILE_ROWS) {
                const long high = NAME(least)(TILE_ROWS, m - row);
                NAME(pack_panel)(
                    packed_a, product->a + row * product->a_row + start * product->a_column, product->a_row,
                    product->a_column, high, TILE_ROWS, depth);
                for (long j = 0; j < columns; j += TILE_COLUMNS) {
                    float *c = product->c + row * ldc + column + j;
                    const float *b = packed_b + j * depth;
                    const long wide = NAME(least)(TILE_COLUMNS, columns - j);
                    if (high == TILE_ROWS && wide == TILE_COLUMNS)
                        NAME(whole_tile)(depth, packed_a, b, c, ldc, product->alpha, beta);
                    else
                        NAME(edge_tile)(depth, packed_a, b, c, ldc, product->alpha, beta, high, wide);
                }
            }
        }
    }
}

#undef TILE_COLUMNS
#undef TRANSPOSED
#undef INLINE
