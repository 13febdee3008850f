#include "tests/support/kernel_cases.h"

#include "nn/kernels/simd.h"
#include "tests/support/sanitized.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

namespace kernel_cases {
namespace {

// AddressSanitizer itself sees what lies behind; else these values must stay.
constexpr std::size_t kMargin = tests::kIsSanitized ? 0 : 64;
constexpr float kUntouched = -12345.0F;

} // namespace

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
    if (value != nullptr) {
        return std::max(1, std::atoi(value));
    }
    return tests::kIsSanitized ? std::max(1, usual / 20) : usual;
}

std::vector<double> doubles(std::span<const float> values) {
    return {values.begin(), values.end()};
}

std::vector<float> unwritten(std::int64_t count) {
    return std::vector<float>(static_cast<std::size_t>(count),
                              std::numeric_limits<float>::quiet_NaN());
}

std::span<float> ScratchMemory::of(std::int64_t count) {
    constexpr std::size_t line = 16;
    const std::size_t most = static_cast<std::size_t>(count) + line + kMargin;
    if (m_memory.size() < most || tests::kIsSanitized) {
        m_memory = std::vector<float>(most);
    }
    const auto address = reinterpret_cast<std::uintptr_t>(m_memory.data()) / sizeof(float);
    const std::size_t first = (line - address % line) % line + 1;
    m_end = first + static_cast<std::size_t>(count);
    const std::span<float> all(m_memory);
    constexpr int nan = 0xFF; // as every byte
    std::memset(all.data() + first, nan, static_cast<std::size_t>(count) * sizeof(float));
    std::ranges::fill(all.subspan(m_end, kMargin), kUntouched);
    return all.subspan(first, static_cast<std::size_t>(count));
}

bool ScratchMemory::isIntact() const {
    return std::ranges::all_of(std::span(m_memory).subspan(m_end, kMargin),
                               [](float value) { return value == kUntouched; });
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
