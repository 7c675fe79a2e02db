#pragma once
#include <stddef.h>
#include <cblas.h>

// Debian's OpenBLAS holds LAPACK but installs no header for it. The last two arguments are the lengths that Fortran
// compilers pass for its two character arguments.
void ssyevd_(
    const char *jobz, const char *uplo, const int *n, float *a, const int *lda, float *w, float *work,
    const int *lwork, int *iwork, const int *liwork, int *info, size_t jobz_length, size_t uplo_length);
