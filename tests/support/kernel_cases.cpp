#include "tests/support/kernel_cases.h"

#include "nn/kernels/simd.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

namespace kernel_cases {

std::int64_t Dice::number(std::int64_t low, std::int64_t high) {
    return low +
           static_cast<std::int64_t>(m_numbers.below(static_cast<std::uint64_t>(high - low + 1)));
}

std::vector<float> Dice::values(std::int64_t count, double scale) {
    std::vector<float> result(static_cast<std::size_t>(count));
    std::generate(result.begin(), result.end(),
                  [&] { return static_cast<float>(m_numbers.normal() * scale); });
    return result;
}

int caseCount(int usual) {
    const char* const value = std::getenv("RECEPTIVE_KERNEL_CASES");
    return value == nullptr ? usual : std::max(1, std::atoi(value));
}

std::vector<double> doubles(std::span<const float> values) {
    return {values.begin(), values.end()};
}

std::vector<float> unwritten(std::int64_t count) {
    return std::vector<float>(static_cast<std::size_t>(count),
                              std::numeric_limits<float>::quiet_NaN());
}

double relativeError(std::span<const float> actual, const std::vector<double>& expected) {
    if (actual.size() != expected.size()) {
        return std::numeric_limits<double>::infinity();
    }
    double scale = 1.0;
    double error = 0.0;
    for (std::size_t i = 0; i < actual.size(); ++i) {
        if (std::isnan(actual[i])) {
            return std::numeric_limits<double>::infinity();
        }
        scale = std::max(scale, std::abs(expected[i]));
        error = std::max(error, std::abs(static_cast<double>(actual[i]) - expected[i]));
    }
    return error / scale;
}

std::string onEveryInstructionSet(const std::function<std::string(const std::string& name)>& body) {
    std::string failure;
    for (const std::string& name : nn::simdNames()) {
        if (!nn::limitSimd(name) || nn::simdName() != name) {
            failure = "cannot select " + name;
        }
        const std::string found = body(name);
        if (failure.empty() && !found.empty()) {
            failure = name + ": " + found;
        }
    }
    nn::limitSimd("");
    return failure;
}

bool sameForAllThreads(const std::function<std::vector<float>(nn::Parallel& parallel)>& result) {
    nn::Parallel one(1);
    const std::vector<float> expected = result(one);
    for (const int threads : {2, 3, 4}) {
        nn::Parallel parallel(threads);
        const std::vector<float> actual = result(parallel);
        if (actual.size() != expected.size() ||
            std::memcmp(actual.data(), expected.data(), actual.size() * sizeof(float)) != 0) {
            return false;
        }
    }
    return true;
}

} // namespace kernel_cases
