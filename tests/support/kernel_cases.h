#pragma once

#include "nn/base/parallel.h"
#include "nn/base/random.h"

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

/// Cases per kernel: `usual`, or RECEPTIVE_KERNEL_CASES from the environment.
[[nodiscard]] int caseCount(int usual);

[[nodiscard]] std::vector<double> doubles(std::span<const float> values);

/// `count` NaNs: whatever a kernel leaves unwritten shows.
[[nodiscard]] std::vector<float> unwritten(std::int64_t count);

/// Largest |actual - expected| divided by the largest |expected|; infinite for NaN or unequal
/// sizes.
[[nodiscard]] double relativeError(std::span<const float> actual,
                                   const std::vector<double>& expected);

/// Runs `body` once for every instruction set of this machine; returns what failed first, or
/// nothing.
[[nodiscard]] std::string
onEveryInstructionSet(const std::function<std::string(const std::string& name)>& body);

/// Calls `result` with 1, 2, 3 and 4 threads; whether all results have the same bits.
[[nodiscard]] bool
sameForAllThreads(const std::function<std::vector<float>(nn::Parallel& parallel)>& result);

} // namespace kernel_cases
