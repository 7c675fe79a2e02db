#include "Numbers.cuh"

// A token's place among all, the likeliest last: its logit as a number whose order is the logits', then its index, of
// which the lower counts as likelier.
#define INDEX_BITS 20
#define LAST_INDEX ((1u << INDEX_BITS) - 1)

// One row of logits that a token is drawn from; with `other`, guided: other + guidance * (own - other).
template <typename Number>
struct Candidates {
    const Number *own, *other;
    float guidance;
    int count;
    // Tokens in the order of their logits, else of their indices.
    bool by_logit;
    float maximum;
    double inverse_temperature;

    __device__ float logit(int i) const {
        float x = number(own[i]);
        if (!other) return x;
        float y = number(other[i]);
        return y + guidance * (x - y);
    }

    __device__ unsigned long long key(int i) const {
        unsigned long long index = LAST_INDEX - (unsigned)i;
        if (!by_logit) return index;
        // -0 becomes 0.
        unsigned bits = __float_as_uint(logit(i) + 0.0f);
        bits = bits & 0x80000000u ? ~bits : bits | 0x80000000u;
        return (unsigned long long)bits << INDEX_BITS | index;
    }

    // Not normalised; the likeliest has 1.
    __device__ double weight(int i) const { return exp(((double)logit(i) - (double)maximum) * inverse_temperature); }

    // The sum of weights, or with `counts` the number, of tokens whose keys are from `lowest` to below `upper`.
    __device__ double measure(unsigned long long lowest, unsigned long long upper, bool counts) const {
        double part = 0;
        for (int i = threadIdx.x; i < count; i += REDUCING_THREADS) {
            unsigned long long own_key = key(i);
            if (own_key >= lowest && own_key < upper) part += counts ? 1 : weight(i);
        }
        return block_sum(part);
    }

    // The key of the token at which the measure of it and all before it reaches `needed`, or with `beyond` exceeds it:
    // found bit by bit, since keys differ.
    __device__ unsigned long long reaching(double needed, bool beyond, bool counts) const {
        unsigned long long found = 0, upper = ~0ull;
        double above = 0;
        for (int bit = by_logit ? 31 + INDEX_BITS : INDEX_BITS - 1; bit >= 0; bit--) {
            unsigned long long candidate = found | 1ull << bit;
            double sum = above + measure(candidate, upper, counts);
            if (beyond ? sum > needed : sum >= needed) {
                found = candidate;
            } else {
                upper = candidate;
                above = sum;
            }
        }
        return found;
    }
};

static __device__ inline float block_maximum(float value) {
    __shared__ float maxima[REDUCING_THREADS / WARP];
    for (int distance = WARP / 2; distance > 0; distance /= 2)
        value = fmaxf(value, __shfl_xor_sync(FULL_WARP, value, distance));
    if (threadIdx.x % WARP == 0) maxima[threadIdx.x / WARP] = value;
    __syncthreads();
    for (int warp = 0; warp < REDUCING_THREADS / WARP; warp++) value = fmaxf(value, maxima[warp]);
    return value;
}

// tokens[draw] = a token of softmax(logits / temperature) of the row rows[draw], cut to the `kept` likeliest and then
// to the fewest that reach top_p; the likeliest at temperature 0. uniforms[draw] decides, as on the CPU.
// log_probabilities[draw] is that token's, at temperature 1 and before any cut. Rows of others[draw], unless it is -1,
// are without condition. Rows lie `stride` apart; tokens are columns. One block of REDUCING_THREADS a draw.
template <typename Number>
static __device__ inline void draw_tokens_of(
    int *tokens, double *log_probabilities, const Number *logits, const int *rows, const int *others,
    const double *uniforms, int stride, int columns, float guidance, double temperature, int kept, double top_p) {
    Candidates<Number> row;
    row.own = logits + (long long)rows[blockIdx.x] * stride;
    row.other = others[blockIdx.x] < 0 ? 0 : logits + (long long)others[blockIdx.x] * stride;
    row.guidance = guidance;
    row.count = columns;
    float highest = MINUS_INFINITY;
    for (int i = threadIdx.x; i < columns; i += REDUCING_THREADS) highest = fmaxf(highest, row.logit(i));
    row.maximum = block_maximum(highest);

    unsigned long long drawn;
    row.by_logit = temperature <= 0 || kept < columns || top_p < 1;
    row.inverse_temperature = temperature > 0 ? 1 / temperature : 1;
    if (temperature <= 0) {
        drawn = row.reaching(1, false, true);
    } else {
        unsigned long long lowest = 0;
        if (kept < columns) lowest = row.reaching(kept, false, true);
        if (top_p < 1) {
            unsigned long long nucleus = row.reaching(top_p * row.measure(lowest, ~0ull, false), false, false);
            lowest = nucleus > lowest ? nucleus : lowest;
        }
        drawn = row.reaching(uniforms[blockIdx.x] * row.measure(lowest, ~0ull, false), true, false);
        // Rounding may have passed the last.
        drawn = drawn > lowest ? drawn : lowest;
    }
    int token = (int)(LAST_INDEX - (unsigned)(drawn & LAST_INDEX));
    if (token >= columns) token = columns - 1;
    row.inverse_temperature = 1;
    double sum = row.measure(0, ~0ull, false);
    if (threadIdx.x == 0) {
        tokens[blockIdx.x] = token;
        log_probabilities[blockIdx.x] = (double)row.logit(token) - (double)row.maximum - log(sum);
    }
}

#define DRAW_TOKENS(suffix, Number)                                                                                \
    KERNEL __launch_bounds__(REDUCING_THREADS) draw_tokens##suffix(                                                \
        int *tokens, double *log_probabilities, const Number *logits, const int *rows, const int *others,          \
        const double *uniforms, int stride, int columns, float guidance, double temperature, int kept,             \
        double top_p) {                                                                                            \
        draw_tokens_of(                                                                                            \
            tokens, log_probabilities, logits, rows, others, uniforms, stride, columns, guidance, temperature,     \
            kept, top_p);                                                                                          \
    }
FOR_NUMBERS(DRAW_TOKENS)
#undef DRAW_TOKENS
