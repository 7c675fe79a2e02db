// The matrix product, written once and compiled for each instruction set like body.h: kernels.c defines NAME, and
// LANES, TILE_ROWS, TILE_VECTORS and BLOCK_ROWS to fit the registers and caches of the set.
//
// Blocks of A and B are copied ("packed") so that the innermost loop reads both in order, a panel of TILE_ROWS rows of
// the one and of TILE_COLUMNS columns of the other. The loop keeps a tile of C, TILE_ROWS x TILE_COLUMNS, in registers.
// A panel of B stays in the first cache while BLOCK_ROWS rows of A stream past it from the second; where the registers
// hold so wide a tile that it is the smaller one, a panel of A stays and the block of B streams (BLOCK_ROWS is then
// TILE_ROWS). Where one operand has few lines, the other is not packed, since each of its lines is needed only a few
// times. Each element of C is summed in an order that depends on `k` alone, so however callers cut C in parts, the
// result is the same bit for bit.

// c = alpha * a * b + beta * c, a tile of `rows` lines of A, which are known where this is compiled, `step` from element
// to element of a line, and of a packed panel of B; c is not read if beta is 0.
INLINE void NAME(tile)(
    const int rows, long depth, const float *const *lines, const long step, const float *restrict b, float *restrict c,
    long ldc, float alpha, float beta) {
    // C comes from far away: it is on its way while the sums are made.
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
        for (int j = 0; j < TILE_COLUMNS; j += 16) __builtin_prefetch(c + i * ldc + j, 1, 3);
    NAME(vector) sums[TILE_ROWS][TILE_VECTORS];
    const float *a[TILE_ROWS];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
        a[i] = lines[i];
#pragma clang loop unroll(full)
        for (int j = 0; j < TILE_VECTORS; j++) sums[i][j] = (NAME(vector)){0};
    }
#pragma clang loop unroll_count(2)
    for (long p = 0; p < depth; p++, b += TILE_COLUMNS) {
        NAME(vector) columns[TILE_VECTORS];
#if BLOCK_ROWS == TILE_ROWS
#pragma clang loop unroll(full)
        for (int j = 0; j < TILE_COLUMNS; j += 16) __builtin_prefetch(b + 8 * TILE_COLUMNS + j, 0, 3);
#endif
#pragma clang loop unroll(full)
        for (int j = 0; j < TILE_VECTORS; j++) columns[j] = *(const NAME(vector) *)(b + j * LANES);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
            for (int j = 0; j < TILE_VECTORS; j++) sums[i][j] += a[i][p * step] * columns[j];
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

static void NAME(tile_of_panel)(
    long depth, const float *restrict a, const float *restrict b, float *restrict c, long ldc, float alpha, float beta) {
    const float *lines[TILE_ROWS];
#pragma clang loop unroll(full)
    for (int i = 0; i < TILE_ROWS; i++) lines[i] = a + i;
    NAME(tile)(TILE_ROWS, depth, lines, TILE_ROWS, b, c, ldc, alpha, beta);
}

static void NAME(tile_of_lines)(
    long depth, const float *const *lines, const float *restrict b, float *restrict c, long ldc, float alpha,
    float beta) {
    NAME(tile)(TILE_ROWS, depth, lines, 1, b, c, ldc, alpha, beta);
}

// Between a tile beside C and the part of C that there is; element (i, j) of C at c + i * row + j * column.
INLINE void NAME(fetch)(float *restrict part, const float *restrict c, long row, long column, long rows, long columns) {
    if (column == 1) {
        for (long i = 0; i < rows; i++)
            for (long j = 0; j < columns; j++) part[i * TILE_COLUMNS + j] = c[i * row + j];
        return;
    }
    for (long j = 0; j < columns; j++)
        for (long i = 0; i < rows; i++) part[i * TILE_COLUMNS + j] = c[i * row + j * column];
}
INLINE void NAME(store)(const float *restrict part, float *restrict c, long row, long column, long rows, long columns) {
    if (column == 1) {
        for (long i = 0; i < rows; i++)
            for (long j = 0; j < columns; j++) c[i * row + j] = part[i * TILE_COLUMNS + j];
        return;
    }
    for (long j = 0; j < columns; j++)
        for (long i = 0; i < rows; i++) c[i * row + j * column] = part[i * TILE_COLUMNS + j];
}

// A tile that C has only a part of; a third of its rows, or two, are not computed if C lacks them.
static void NAME(edge_of_panel)(
    long depth, const float *restrict a, const float *restrict b, float *restrict c, long ldc, float alpha, float beta,
    long rows, long columns) {
    float part[TILE_ROWS * TILE_COLUMNS];
    const float *lines[TILE_ROWS];
#pragma clang loop unroll(full)
    for (int i = 0; i < TILE_ROWS; i++) lines[i] = a + i;
    if (beta != 0) NAME(fetch)(part, c, ldc, 1, rows, columns);
    enum { third = (TILE_ROWS + 2) / 3 };
    if (rows <= third)
        NAME(tile)(third, depth, lines, TILE_ROWS, b, part, TILE_COLUMNS, alpha, beta);
    else if (rows <= 2 * third)
        NAME(tile)(2 * third, depth, lines, TILE_ROWS, b, part, TILE_COLUMNS, alpha, beta);
    else
        NAME(tile)(TILE_ROWS, depth, lines, TILE_ROWS, b, part, TILE_COLUMNS, alpha, beta);
    NAME(store)(part, c, ldc, 1, rows, columns);
}

static inline long NAME(least)(long a, long b) { return a < b ? a : b; }

// An operand of `count` lines, `line` apart, with `step` from element to element of a line.
typedef struct {
    const float *start;
    long count, line, step;
} NAME(operand);

// The product of many lines and a few: the many are contiguous and read where they lie, the few are packed whole.
// Element (one of the many i, one of the few j) of C lies at c + i * row + j * column.
static void NAME(multiply_lines)(
    NAME(operand) many, NAME(operand) few, long k, float *c, long row, long column, float alpha, float beta,
    float *restrict packed) {
    // Lines whose part of C is held back together, so that C transposed is written in pieces of some length.
    enum { group = 24 };
    float part[group * TILE_COLUMNS];
    const long width = (few.count + TILE_COLUMNS - 1) / TILE_COLUMNS * TILE_COLUMNS;
    for (long start = 0; start < k; start += product_block_depth)
        for (long j = 0; j < few.count; j += TILE_COLUMNS) {
            const long depth = NAME(least)(product_block_depth, k - start);
            NAME(pack_panel)(
                packed + start * width + j * depth, few.start + j * few.line + start * few.step, few.line, few.step,
                NAME(least)(TILE_COLUMNS, few.count - j), TILE_COLUMNS, depth);
        }
    for (long first = 0; first < many.count; first += group) {
        const long rows = NAME(least)(group, many.count - first);
        for (long j = 0; j < few.count; j += TILE_COLUMNS) {
            const long columns = NAME(least)(TILE_COLUMNS, few.count - j);
            float *place = c + first * row + j * column;
            // Rows of tiles that C has all of, and that lie in it as in a tile, are written where they belong.
            const long whole = columns == TILE_COLUMNS && column == 1 ? rows / TILE_ROWS * TILE_ROWS : 0;
            float *rest = place + whole * row;
            if (whole < rows && beta != 0) NAME(fetch)(part, rest, row, column, rows - whole, columns);
            for (long start = 0; start < k; start += product_block_depth) {
                const long depth = NAME(least)(product_block_depth, k - start);
                for (long tile = 0; tile < rows; tile += TILE_ROWS) {
                    const float *lines[TILE_ROWS];
                    // Lines that are lacking are read as the last one.
                    for (long i = 0; i < TILE_ROWS; i++)
                        lines[i] = many.start + (first + NAME(least)(tile + i, rows - 1)) * many.line + start;
                    const int in_place = tile < whole;
                    NAME(tile_of_lines)(
                        depth, lines, packed + start * width + j * depth,
                        in_place ? place + tile * row : part + (tile - whole) * TILE_COLUMNS,
                        in_place ? row : TILE_COLUMNS, alpha, start == 0 ? beta : 1);
                }
            }
            if (whole < rows) NAME(store)(part, rest, row, column, rows - whole, columns);
        }
    }
}

static void NAME(multiply)(const Product *product, float *restrict scratch) {
    const long m = product->m, n = product->n, k = product->k, ldc = product->ldc;
    const float alpha = product->alpha;
    float *packed_a = scratch, *packed_b = scratch + (product_block_rows + 16) * product_block_depth;
    if (k == 0) {
        for (long i = 0; i < m; i++)
            for (long j = 0; j < n; j++)
                product->c[i * ldc + j] = product->beta == 0 ? 0 : product->beta * product->c[i * ldc + j];
        return;
    }
    const NAME(operand) rows_of_a = {product->a, m, product->a_row, product->a_column};
    const NAME(operand) columns_of_b = {product->b, n, product->b_column, product->b_row};
    // Whole panels of the few must fit where blocks of B do.
    const long room = product_block_columns * product_block_depth / k - TILE_COLUMNS;
    if (product->a_column == 1 && n <= NAME(least)(product_few_columns, room))
        return NAME(multiply_lines)(rows_of_a, columns_of_b, k, product->c, ldc, 1, alpha, product->beta, packed_b);
    if (product->b_row == 1 && m <= NAME(least)(product_few_rows, room))
        return NAME(multiply_lines)(columns_of_b, rows_of_a, k, product->c, 1, ldc, alpha, product->beta, packed_b);
    for (long column = 0; column < n; column += product_block_columns) {
        const long columns = NAME(least)(product_block_columns, n - column);
        for (long start = 0; start < k; start += product_block_depth) {
            const long depth = NAME(least)(product_block_depth, k - start);
            const float beta = start == 0 ? product->beta : 1;
            for (long first = 0; first < m; first += BLOCK_ROWS) {
                const long rows = NAME(least)(BLOCK_ROWS, m - first);
                for (long row = 0; row < rows; row += TILE_ROWS)
                    NAME(pack_panel)(
                        packed_a + row * depth,
                        product->a + (first + row) * product->a_row + start * product->a_column, product->a_row,
                        product->a_column, NAME(least)(TILE_ROWS, rows - row), TILE_ROWS, depth);
                for (long j = 0; j < columns; j += TILE_COLUMNS) {
                    float *b = packed_b + j * depth;
                    const long wide = NAME(least)(TILE_COLUMNS, columns - j);
                    // Packed when first needed, so that it is in the first cache.
                    if (first == 0)
                        NAME(pack_panel)(
                            b, product->b + (column + j) * product->b_column + start * product->b_row,
                            product->b_column, product->b_row, wide, TILE_COLUMNS, depth);
                    for (long row = 0; row < rows; row += TILE_ROWS) {
                        const long high = NAME(least)(TILE_ROWS, rows - row);
                        const float *a = packed_a + row * depth;
                        float *c = product->c + (first + row) * ldc + column + j;
                        if (high == TILE_ROWS && wide == TILE_COLUMNS)
                            NAME(tile_of_panel)(depth, a, b, c, ldc, alpha, beta);
                        else
                            NAME(edge_of_panel)(depth, a, b, c, ldc, alpha, beta, high, wide);
                    }
                }
            }
        }
    }
}

#undef TILE_COLUMNS
#undef INLINE
