// The matrix product, written once and compiled for each instruction set like body.h: kernels.c defines NAME, and
// LANES, TILE_ROWS and TILE_VECTORS to fit the registers of the set.
//
// Blocks of A and B are copied ("packed") so that the innermost loop reads both in order from the nearest caches; that
// loop keeps a tile of C, TILE_ROWS x TILE_VECTORS * LANES, in registers. Each element of C is summed in an order that
// depends on `k` alone, so however callers cut C in parts, the result is the same bit for bit.

#define TILE_COLUMNS (TILE_VECTORS * LANES)

typedef float NAME(vector) __attribute__((vector_size(4 * LANES), aligned(4)));

// out[p * width + i] = in[i * line + p * step] for i < count; up to `width` it is filled with zeros.
static inline void NAME(pack_panel)(
    float *restrict out, const float *restrict in, long line, long step, long count, long width, long depth) {
    long i = 0;
    if (line == 1 && count == width) {
        for (long p = 0; p < depth; p++) memcpy(out + p * width, in + p * step, (size_t)width * sizeof(float));
        return;
    }
    if (step == 1) {
        // Squares of 4 x 4 are transposed in registers.
        for (; i + 4 <= count; i += 4) {
            const float *source = in + i * line;
            long p = 0;
            for (; p + 4 <= depth; p += 4) {
                four r0, r1, r2, r3;
                memcpy(&r0, source + p, sizeof r0);
                memcpy(&r1, source + line + p, sizeof r1);
                memcpy(&r2, source + 2 * line + p, sizeof r2);
                memcpy(&r3, source + 3 * line + p, sizeof r3);
                four a = __builtin_shufflevector(r0, r1, 0, 4, 1, 5), b = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
                four c = __builtin_shufflevector(r2, r3, 0, 4, 1, 5), d = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
                r0 = __builtin_shufflevector(a, c, 0, 1, 4, 5);
                r1 = __builtin_shufflevector(a, c, 2, 3, 6, 7);
                r2 = __builtin_shufflevector(b, d, 0, 1, 4, 5);
                r3 = __builtin_shufflevector(b, d, 2, 3, 6, 7);
                memcpy(out + p * width + i, &r0, sizeof r0);
                memcpy(out + (p + 1) * width + i, &r1, sizeof r1);
                memcpy(out + (p + 2) * width + i, &r2, sizeof r2);
                memcpy(out + (p + 3) * width + i, &r3, sizeof r3);
            }
            for (; p < depth; p++)
                for (int lane = 0; lane < 4; lane++) out[p * width + i + lane] = source[lane * line + p];
        }
    }
    for (long p = 0; p < depth; p++) {
        for (long rest = i; rest < count; rest++) out[p * width + rest] = in[rest * line + p * step];
        for (long rest = count; rest < width; rest++) out[p * width + rest] = 0;
    }
}

// c = alpha * (packed a) * (packed b) + beta * c, one tile; c is not read if beta is 0.
static inline void NAME(tile)(
    long depth, const float *restrict a, const float *restrict b, float *restrict c, long ldc, float alpha,
    float beta) {
    NAME(vector) sums[TILE_ROWS][TILE_VECTORS];
#pragma clang loop unroll(full)
    for (int i = 0; i < TILE_ROWS; i++)
#pragma clang loop unroll(full)
        for (int j = 0; j < TILE_VECTORS; j++) sums[i][j] = (NAME(vector)){0};
    for (long p = 0; p < depth; p++, a += TILE_ROWS, b += TILE_COLUMNS) {
        NAME(vector) columns[TILE_VECTORS];
#pragma clang loop unroll(full)
        for (int j = 0; j < TILE_VECTORS; j++) columns[j] = *(const NAME(vector) *)(b + j * LANES);
#pragma clang loop unroll(full)
        for (int i = 0; i < TILE_ROWS; i++) {
#pragma clang loop unroll(full)
            for (int j = 0; j < TILE_VECTORS; j++) sums[i][j] += a[i] * columns[j];
        }
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < TILE_ROWS; i++) {
#pragma clang loop unroll(full)
        for (int j = 0; j < TILE_VECTORS; j++) {
            NAME(vector) *place = (NAME(vector) *)(c + i * ldc + j * LANES);
            *place = beta == 0 ? alpha * sums[i][j] : alpha * sums[i][j] + beta * *place;
        }
    }
}

// A tile that C has only a part of.
static void NAME(edge_tile)(
    long depth, const float *restrict a, const float *restrict b, float *restrict c, long ldc, float alpha, float beta,
    long rows, long columns) {
    float whole[TILE_ROWS * TILE_COLUMNS];
    NAME(tile)(depth, a, b, whole, TILE_COLUMNS, alpha, 0);
    for (long i = 0; i < rows; i++)
        for (long j = 0; j < columns; j++) {
            float value = whole[i * TILE_COLUMNS + j];
            c[i * ldc + j] = beta == 0 ? value : value + beta * c[i * ldc + j];
        }
}

static inline long NAME(least)(long a, long b) { return a < b ? a : b; }

static void NAME(multiply)(const Product *product, float *restrict scratch) {
    const long m = product->m, n = product->n, k = product->k;
    float *packed_a = scratch, *packed_b = scratch + product_block_rows * product_block_depth;
    if (k == 0) {
        for (long i = 0; i < m; i++)
            for (long j = 0; j < n; j++)
                product->c[i * product->ldc + j] = product->beta == 0 ? 0 : product->beta * product->c[i * product->ldc + j];
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
            const long block_rows = product_block_rows / TILE_ROWS * TILE_ROWS;
            for (long row = 0; row < m; row += block_rows) {
                const long rows = NAME(least)(block_rows, m - row);
                for (long i = 0; i < rows; i += TILE_ROWS)
                    NAME(pack_panel)(
                        packed_a + i * depth, product->a + (row + i) * product->a_row + start * product->a_column,
                        product->a_row, product->a_column, NAME(least)(TILE_ROWS, rows - i), TILE_ROWS, depth);
                for (long j = 0; j < columns; j += TILE_COLUMNS)
                    for (long i = 0; i < rows; i += TILE_ROWS) {
                        float *c = product->c + (row + i) * product->ldc + column + j;
                        const float *a = packed_a + i * depth, *b = packed_b + j * depth;
                        const long high = NAME(least)(TILE_ROWS, rows - i), wide = NAME(least)(TILE_COLUMNS, columns - j);
                        if (high == TILE_ROWS && wide == TILE_COLUMNS)
                            NAME(tile)(depth, a, b, c, product->ldc, product->alpha, beta);
                        else
                            NAME(edge_tile)(depth, a, b, c, product->ldc, product->alpha, beta, high, wide);
                    }
            }
        }
    }
}

#undef TILE_COLUMNS
