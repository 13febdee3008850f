#pragma once

#include "nn/kernels/convolution.h"
#include "tests/support/kernel_cases.h"
#include "tests/support/reference_kernels.h"

#include <set>
#include <string>
#include <vector>

namespace kernel_cases {

/// What of a convolution is computed.
enum class ConvPart { Forward, BackwardData, BackwardWeights };

/// A convolution with its numbers and what they give in double precision.
struct ConvCase {
    nn::ConvGeometry g{};
    ConvPart part = ConvPart::Forward;
    std::int64_t batch = 1;
    nn::ConvThreads threads = nn::ConvThreads::Any;
    bool relu = false; ///< Forward, or of a transposed convolution.
    bool add = false;  ///< Gradients are added to ones.
    bool wantsBias = false;
    std::vector<float> x{}, weights{}, bias{}, dy{};
    reference::Values expected{}; ///< y; dx; or dw and, if wanted, db.
};
[[nodiscard]] ConvCase convCase(Dice& dice, const nn::ConvGeometry& g, ConvPart part);
[[nodiscard]] ConvCase convCase(Dice& dice, const nn::ConvGeometry& g, ConvPart part,
                                std::int64_t batch);

/// Does cases, one after the other.
class ConvBench {
public:
    /// What differs from what is expected, or nothing.
    [[nodiscard]] std::string failureOf(const ConvCase& each);

private:
    /// What the kernel makes of a case, from `results` on.
    void run(const ConvCase& each, std::span<float> results);

    nn::Parallel m_one{1}, m_two{2};
    ScratchMemory m_scratch;
};

/// The largest error, as part of the largest result, that a convolution may have by its method.
[[nodiscard]] double convTolerance(const nn::ConvGeometry& g);

/// By which methods the instruction set in use does a part of a convolution: "product", "strips",
/// "channels", "channel strips", "winograd", "bundle", "spread", "patches".
[[nodiscard]] std::set<std::string> methodsOf(const nn::ConvGeometry& g, ConvPart part);

/// Gives the axes of a geometry their output sizes and paddings.
void setOutputs(nn::ConvGeometry& g, bool same);

// Random geometries with an output of at least one pixel.

/// Anything: strides, dilations, groups, odd sizes.
[[nodiscard]] nn::ConvGeometry anyConvolution(Dice& dice);
/// The same as a transposed convolution, whose output may be cut at or extended to any size.
[[nodiscard]] nn::ConvGeometry anyTransposed(Dice& dice);
/// Filter rows of neighbouring taps, and long rows of outputs.
[[nodiscard]] nn::ConvGeometry longRows(Dice& dice);
/// Few products per result, as in first layers.
[[nodiscard]] nn::ConvGeometry firstLayer(Dice& dice);
/// Few filters, whose rows are 14 to 30 floats long.
[[nodiscard]] nn::ConvGeometry longFilterRows(Dice& dice);
/// One filter per channel.
[[nodiscard]] nn::ConvGeometry filterPerChannel(Dice& dice);
/// Fewer filters than half a vector has lanes.
[[nodiscard]] nn::ConvGeometry fewFilters(Dice& dice);
/// So few channels that a row of a filter fits into few vectors.
[[nodiscard]] nn::ConvGeometry fewChannels(Dice& dice);
/// 3×3 filters over many channels.
[[nodiscard]] nn::ConvGeometry manyFilters(Dice& dice);

[[nodiscard]] std::string text(const nn::ConvGeometry& g, std::int64_t batch);

} // namespace kernel_cases
