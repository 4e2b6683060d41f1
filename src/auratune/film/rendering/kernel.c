/* Draws a plane of a frame from a plate: real-valued places, two taps each way, and the finishing pass in one go.
 *
 * A zoom with a shift moves rows and columns independently. So each row of the frame is first blended from two rows of
 * the plate, and then read across. OpenCV's warpAffine and remap, made for any distortion, cost several times as much.
 * Levels and weights are integers, and the paths for different processors do the same sums: they draw the same film.
 */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#include <immintrin.h>
#define HAS_AVX2 1
#define WITH_AVX2 __attribute__((target("avx2")))
#else
#define HAS_AVX2 0
#endif
#define INLINE static inline __attribute__((always_inline))

typedef struct {
    uint8_t *target;
    ptrdiff_t target_stride;
    int32_t width, height;
    const uint8_t *plate;
    ptrdiff_t plate_stride;
    int32_t plate_width, plate_height;
    /* Pixel i is read at start + i * step. */
    double x_start, x_step, y_start, y_step;
} Job;

typedef struct {
    /* What luma is multiplied by: (shade + 1) / 256 times gain. */
    const uint8_t *shade;
    ptrdiff_t shade_stride;
    /* Added afterwards, along with offset. */
    const uint8_t *grain;
    ptrdiff_t grain_stride;
    float gain, offset;
} Post;

enum {
    ONE = 64,    /* weights across are in 64ths: a step is a hundredth of a pixel of the film */
    GROUP = 16,  /* bytes read at once by the shuffling path */
    SPARE = 64,  /* bytes that may be read past the end of a row */
};

typedef struct {
    void *memory;
    float *places;    /* where each column is read, counted from the first one needed */
    int32_t *index;   /* the left one of its two taps */
    uint8_t *right;   /* the weight of the right one */
    uint8_t *weights; /* for each group, the weights of both taps of each value */
    uint8_t *shuffle; /* for each group, where among the bytes from its first tap on those taps are */
    uint16_t *drawn;  /* a row of the frame, in 64ths of a level */
    uint8_t *row;     /* a row of the plate, from the first column needed */
    int32_t first, count; /* columns of the plate that are needed; they may lie over its edge */
    int in_groups;        /* every group finds its taps within sixteen bytes */
} Scratch;

/* As BORDER_REFLECT_101: the edge itself is not repeated. */
static int32_t mirrored(int32_t index, int32_t length) {
    if (length == 1) return 0;
    while (index < 0 || index >= length) index = index < 0 ? -index : 2 * (length - 1) - index;
    return index;
}

/* ── where the columns are read ────────────────────────────────────────────────────────────────────────────────── */

static int prepare(Scratch *scratch, const Job *job, int32_t channels) {
    double last = job->x_start + job->x_step * (job->width - 1);
    double low = job->x_start < last ? job->x_start : last, high = job->x_start < last ? last : job->x_start;
    scratch->first = (int32_t)floor(low) - 1;
    scratch->count = (int32_t)ceil(high) + 4 - scratch->first;
    size_t width = (size_t)job->width + 2 * GROUP, values = width * (size_t)channels;
    size_t row = (size_t)scratch->count * (size_t)channels + SPARE;
    scratch->memory = malloc(width * (sizeof(float) + sizeof(int32_t) + 1) + values * (sizeof(uint16_t) + 4) + row);
    if (!scratch->memory) return -1;
    scratch->places = scratch->memory;
    scratch->index = (int32_t *)(scratch->places + width);
    scratch->drawn = (uint16_t *)(scratch->index + width);
    scratch->weights = (uint8_t *)(scratch->drawn + values);
    scratch->shuffle = scratch->weights + 2 * values;
    scratch->right = scratch->shuffle + 2 * values;
    scratch->row = scratch->right + width;
    for (int32_t i = 0; i < job->width; i++)
        scratch->places[i] = (float)(job->x_start + job->x_step * i - scratch->first);
    return 0;
}

INLINE void place(const Scratch *scratch, const Job *job) {
    const float *restrict places = scratch->places;
    int32_t *restrict index = scratch->index, width = job->width;
    uint8_t *restrict right = scratch->right;
    for (int32_t i = 0; i < width; i++) {
        float at = places[i];
        /* never below 0, so cutting off is rounding down */
        int32_t whole = (int32_t)at;
        index[i] = whole;
        right[i] = (uint8_t)(int32_t)((at - (float)whole) * ONE + 0.5f);
    }
}

/* Groups are of eight columns of luma, or four of chroma: sixteen bytes of taps. */
static void group(Scratch *scratch, const Job *job, int32_t channels) {
    int32_t columns = GROUP / 2 / channels;
    scratch->in_groups = 1;
    for (int32_t i = 0; i < job->width; i++) {
        for (int32_t c = 0; c < channels; c++) {
            int32_t left = channels * (scratch->index[i] - scratch->index[i - i % columns]) + c, right = left + channels;
            if (left < 0 || right >= GROUP) scratch->in_groups = 0;
            int32_t pair = 2 * (channels * i + c);
            scratch->shuffle[pair] = (uint8_t)left;
            scratch->shuffle[pair + 1] = (uint8_t)right;
            scratch->weights[pair] = (uint8_t)(ONE - scratch->right[i]);
            scratch->weights[pair + 1] = scratch->right[i];
        }
    }
}

/* ── a row of the plate, blended from two ──────────────────────────────────────────────────────────────────────── */

INLINE void blend(const Scratch *scratch, const Job *job, int32_t channels, int32_t j) {
    double at = job->y_start + job->y_step * j, whole = floor(at);
    const uint8_t *restrict upper = job->plate + mirrored((int32_t)whole, job->plate_height) * job->plate_stride;
    const uint8_t *restrict lower = job->plate + mirrored((int32_t)whole + 1, job->plate_height) * job->plate_stride;
    uint16_t down = (uint16_t)((at - whole) * 128.0 + 0.5), up = (uint16_t)(128 - down);
    int32_t end = scratch->first + scratch->count;
    int32_t from = scratch->first < 0 ? 0 : scratch->first, to = end < job->plate_width ? end : job->plate_width;
    uint8_t *restrict row = scratch->row;
    int32_t skipped = channels * scratch->first;
    for (int32_t i = channels * from; i < channels * to; i++)
        row[i - skipped] = (uint8_t)((upper[i] * up + lower[i] * down + 64) >> 7);
    for (int32_t i = scratch->first; i < end; i++) {
        if (i >= from && i < to) i = to;
        if (i >= end) break;
        for (int32_t c = 0; c < channels; c++) {
            int32_t k = channels * mirrored(i, job->plate_width) + c;
            row[channels * i + c - skipped] = (uint8_t)((upper[k] * up + lower[k] * down + 64) >> 7);
        }
    }
}

/* ── read across ───────────────────────────────────────────────────────────────────────────────────────────────── */

INLINE void across(const Scratch *scratch, int32_t channels, int32_t from, int32_t width) {
    const uint8_t *restrict row = scratch->row, *restrict right = scratch->right;
    const int32_t *restrict index = scratch->index;
    uint16_t *restrict drawn = scratch->drawn;
    for (int32_t i = from; i < width; i++) {
        const uint8_t *taps = row + channels * index[i];
        for (int32_t c = 0; c < channels; c++)
            drawn[channels * i + c] = (uint16_t)(taps[c] * (ONE - right[i]) + taps[c + channels] * right[i]);
    }
}

#if HAS_AVX2
WITH_AVX2 static int32_t across_avx2(const Scratch *scratch, int32_t channels, int32_t width) {
    int32_t columns = GROUP / 2 / channels, i = 0;
    for (; i + 2 * columns <= width; i += 2 * columns) {
        const uint8_t *one = scratch->row + channels * scratch->index[i];
        const uint8_t *two = scratch->row + channels * scratch->index[i + columns];
        __m256i taps = _mm256_loadu2_m128i((const __m128i *)two, (const __m128i *)one);
        taps = _mm256_shuffle_epi8(taps, _mm256_loadu_si256((const __m256i *)(scratch->shuffle + 2 * channels * i)));
        __m256i weights = _mm256_loadu_si256((const __m256i *)(scratch->weights + 2 * channels * i));
        _mm256_storeu_si256((__m256i *)(scratch->drawn + channels * i), _mm256_maddubs_epi16(taps, weights));
    }
    return i;
}
#endif

/* ── down to bytes ─────────────────────────────────────────────────────────────────────────────────────────────── */

INLINE void round_off(const Scratch *scratch, const Job *job, int32_t channels, int32_t j) {
    uint8_t *restrict target = job->target + j * job->target_stride;
    const uint16_t *restrict drawn = scratch->drawn;
    int32_t bytes = job->width * channels;
    for (int32_t i = 0; i < bytes; i++) target[i] = (uint8_t)((drawn[i] + 32) >> 6);
}

/* (y - 16) * light + grain + offset, in 32nds of a level */
INLINE void finish_row(const Scratch *scratch, const Job *job, const Post *post, int32_t from, int32_t j) {
    uint8_t *restrict target = job->target + j * job->target_stride;
    const uint8_t *restrict shade = post->shade + j * post->shade_stride;
    const uint8_t *restrict grain = post->grain + j * post->grain_stride;
    const uint16_t *restrict drawn = scratch->drawn;
    uint16_t gain = (uint16_t)(post->gain * 32768.0f + 0.5f);
    int16_t rest = (int16_t)(post->offset * 32.0f + 16.0f);
    int32_t width = job->width;
    for (int32_t i = from; i < width; i++) {
        uint16_t wide = (uint16_t)(shade[i] * 256 + 255);
        uint16_t light = (uint16_t)(((uint32_t)wide * gain) >> 16);
        uint16_t lit = (uint16_t)(((uint32_t)drawn[i] * light) >> 16);
        int16_t level = (int16_t)((int16_t)(lit - (light >> 6) + grain[i] * 32 + rest) >> 5);
        target[i] = (uint8_t)(level < 0 ? 0 : level > 255 ? 255 : level);
    }
}

#if HAS_AVX2
WITH_AVX2 static int32_t finish_row_avx2(const Scratch *scratch, const Job *job, const Post *post, int32_t j) {
    uint8_t *target = job->target + j * job->target_stride;
    const uint8_t *shade = post->shade + j * post->shade_stride;
    const uint8_t *grain = post->grain + j * post->grain_stride;
    const __m256i gain = _mm256_set1_epi16((int16_t)(uint16_t)(post->gain * 32768.0f + 0.5f));
    const __m256i rest = _mm256_set1_epi16((int16_t)(post->offset * 32.0f + 16.0f));
    const __m256i low = _mm256_set1_epi16(255);
    int32_t i = 0;
    for (; i + 32 <= job->width; i += 32) {
        __m256i levels[2];
        for (int k = 0; k < 2; k++) {
            int32_t at = i + 16 * k;
            __m256i wide = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(shade + at)));
            wide = _mm256_or_si256(_mm256_slli_epi16(wide, 8), low);
            __m256i light = _mm256_mulhi_epu16(wide, gain);
            __m256i lit = _mm256_mulhi_epu16(_mm256_loadu_si256((const __m256i *)(scratch->drawn + at)), light);
            __m256i noise = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(grain + at)));
            lit = _mm256_sub_epi16(lit, _mm256_srli_epi16(light, 6));
            lit = _mm256_add_epi16(lit, _mm256_add_epi16(_mm256_slli_epi16(noise, 5), rest));
            levels[k] = _mm256_srai_epi16(lit, 5);
        }
        __m256i bytes = _mm256_permute4x64_epi64(_mm256_packus_epi16(levels[0], levels[1]), 0xd8);
        _mm256_storeu_si256((__m256i *)(target + i), bytes);
    }
    return i;
}
#endif

/* ── whole planes ──────────────────────────────────────────────────────────────────────────────────────────────── */

INLINE void draw_rows(Scratch *scratch, const Job *job, int32_t channels, const Post *post, int avx2) {
    place(scratch, job);
    if (avx2) group(scratch, job, channels);
    for (int32_t j = 0; j < job->height; j++) {
        int32_t from = 0;
        blend(scratch, job, channels, j);
#if HAS_AVX2
        if (avx2 && scratch->in_groups) from = across_avx2(scratch, channels, job->width);
#endif
        across(scratch, channels, from, job->width);
        from = 0;
#if HAS_AVX2
        if (avx2 && post) from = finish_row_avx2(scratch, job, post, j);
#endif
        if (post) finish_row(scratch, job, post, from, j);
        else round_off(scratch, job, channels, j);
    }
}

#if HAS_AVX2
WITH_AVX2 static void draw_luma_avx2(Scratch *scratch, const Job *job, const Post *post) {
    draw_rows(scratch, job, 1, post, 1);
}
WITH_AVX2 static void draw_chroma_avx2(Scratch *scratch, const Job *job) { draw_rows(scratch, job, 2, NULL, 1); }
#endif

/* Draws a plane of one channel, or two side by side. `post` is for luma, and may be NULL. Returns 0, or -1 when there
 * is no memory. */
int draw_plane(const Job *job, int32_t channels, const Post *post) {
    Scratch scratch;
    if (prepare(&scratch, job, channels)) return -1;
#if HAS_AVX2
    if (__builtin_cpu_supports("avx2")) {
        if (channels == 1) draw_luma_avx2(&scratch, job, post);
        else draw_chroma_avx2(&scratch, job);
        free(scratch.memory);
        return 0;
    }
#endif
    if (channels == 1) draw_rows(&scratch, job, 1, post, 0);
    else draw_rows(&scratch, job, 2, NULL, 0);
    free(scratch.memory);
    return 0;
}
