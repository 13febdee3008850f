#pragma once

#include "nn/base/parallel.h"
#include "nn/base/random.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

/// Help for tests that compare kernels with their references over random shapes.
namespace kernel_cases {

/// Random whole numbers and values, the same at every run.
class Dice {
public:
    explicit Dice(std::uint64_t seed)
        : m_numbers({.seed = seed, .purpose = nn::RandomPurpose::Sample, .stream = 0}) {}

    /// In [low, high].
    std::int64_t number(std::int64_t low, std::int64_t high);
    bool chance(double probability) { return m_numbers.uniform() < probability; }
    /// Normally distributed.
    std::vector<float> values(std::int64_t count, double scale = 1.0);

private:
    nn::RandomSequence m_numbers;
};

/// Random cases that each kernel is checked with on every instruction set.
inline constexpr int kManyCases = 2000;

/// Cases per kernel: `usual`, a twentieth under sanitizers, or RECEPTIVE_KERNEL_CASES from the
/// environment.
[[nodiscard]] int caseCount(int usual = kManyCases);

[[nodiscard]] std::vector<double> doubles(std::span<const float> values);

/// `count` NaNs: whatever a kernel leaves unwritten shows.
[[nodiscard]] std::vector<float> unwritten(std::int64_t count);

/// Memory for one kernel call after the other: as many NaNs as it asks for, from an address that is
/// aligned as badly as floats can be; what is written behind them shows.
class ScratchMemory {
public:
    /// Valid until the next call.
    [[nodiscard]] std::span<float> of(std::int64_t count);
    /// Whether nothing behind the span of the last call was written.
    [[nodiscard]] bool isIntact() const;

private:
    std::vector<float> m_memory;
    std::size_t m_end = 0;
};

/// Largest |actual - expected| divided by the largest |expected|; infinite for NaN or unequal
/// sizes.
[[nodiscard]] double relativeError(std::span<const float> actual,
                                   const std::vector<double>& expected);

/// Runs `body` once for every instruction set of this machine; returns what failed first, or
/// nothing.
[[nodiscard]] std::string
onEveryInstructionSet(const std::function<std::string(const std::string& name)>& body);

/// Draws `caseCount()` cases, each with what is expected of it, and has every instruction set do
/// each of them. `draw(dice)` gives a case, `failure(case)` what is wrong with its results, or an
/// empty text. Returns what failed first, or nothing.
template <typename Draw, typename Failure>
[[nodiscard]] std::string failureOfCases(std::uint64_t seed, const Draw& draw,
                                         const Failure& failure, int cases = kManyCases) {
    constexpr int together = 50;
    Dice dice(seed);
    std::string first;
    for (int left = caseCount(cases); left > 0 && first.empty(); left -= together) {
        std::vector<decltype(draw(dice))> drawn;
        for (int i = 0; i < std::min(left, together); ++i) {
            drawn.push_back(draw(dice));
        }
        first = onEveryInstructionSet([&](const std::string&) {
            std::string found;
            for (std::size_t i = 0; i < drawn.size() && found.empty(); ++i) {
                found = failure(drawn[i]);
            }
            return found;
        });
    }
    return first;
}

/// Calls `result` with 1, 2, 3 and 4 threads; whether all results have the same bits.
[[nodiscard]] bool
sameForAllThreads(const std::function<std::vector<float>(nn::Parallel& parallel)>& result);

} // namespace kernel_cases
