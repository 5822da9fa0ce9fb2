/*
 * See trend.h. Times are taken from their mean, because squares of times since an epoch lose all their
 * digits.
 */
#include "base/trend.h"

#include <math.h>

/* Student's t for 95 %, two-sided, by degrees of freedom from 1. */
static const double student[] = { 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
                                  2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
                                  2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042 };
#define NORMAL 1.959964

static double quantile(size_t freedom) {
        double z = NORMAL;

        if (freedom <= sizeof(student) / sizeof(*student))
                return student[freedom - 1];
        return z + (z * z * z + z) / (4 * (double)freedom);
}

/* What a value contributes to the slope's error, before it is scaled. */
static double score(const double *times, const double *values, double mean_time, const struct trend *trend,
                    size_t i) {
        return (times[i] - mean_time) * (values[i] - trend->intercept - trend->slope * times[i]);
}

static double long_run_variance(const double *times, const double *values, size_t count, double mean_time,
                                const struct trend *trend) {
        size_t lags = (size_t)floor(4 * pow((double)count / 100, 2.0 / 9));
        double sum = 0;

        for (size_t lag = 0; lag <= lags && lag < count; lag++) {
                double weight = 1 - (double)lag / (double)(lags + 1), products = 0;

                for (size_t i = lag; i < count; i++)
                        products += score(times, values, mean_time, trend, i) *
                                    score(times, values, mean_time, trend, i - lag);
                sum += (lag == 0 ? 1 : 2 * weight) * products;
        }
        return sum < 0 ? 0 : sum;
}

bool trend_fit(const double *times, const double *values, size_t count, struct trend *trend) {
        double mean_time = 0, mean_value = 0, squares = 0, products = 0, error;

        if (count < 3)
                return false;
        for (size_t i = 0; i < count; i++) {
                mean_time += times[i] / (double)count;
                mean_value += values[i] / (double)count;
        }
        for (size_t i = 0; i < count; i++) {
                squares += (times[i] - mean_time) * (times[i] - mean_time);
                products += (times[i] - mean_time) * (values[i] - mean_value);
        }
        if (squares <= 0)
                return false;
        trend->slope = products / squares;
        trend->intercept = mean_value - trend->slope * mean_time;
        error = sqrt(long_run_variance(times, values, count, mean_time, trend) * (double)count /
                     (double)(count - 2)) /
                squares;
        trend->slope_low = trend->slope - quantile(count - 2) * error;
        trend->slope_high = trend->slope + quantile(count - 2) * error;
        return true;
}
