#pragma once

#include "nn/kernels/conv_plan.h"
#include "nn/kernels/convolution.h"

#include <array>

namespace nn {

/// Whether 3×3 convolutions may be done by Winograd's method; on at first unless the environment
/// says RECEPTIVE_WINOGRAD=0. Not while kernels run, nor between planning memory and using it.
void allowWinograd(bool allowed);
[[nodiscard]] bool winogradAllowed();

/// Whether a convolution is done by Winograd's method F(2×2, 3×3): 3×3 filters, stride 1, no
/// dilation, one group, channels and filters multiples of 16 and enough of them that the saved
/// multiplications outweigh the transforms. Does not depend on the batch.
[[nodiscard]] bool usesWinograd(const ConvGeometry& g);

/// The tiles of 2×2 targets that cover a batch, one row of tiles after the other.
class WinogradTiles {
public:
    WinogradTiles(const ConvPass& pass, std::int64_t batch);

    [[nodiscard]] std::int64_t count() const { return m_batch * m_rows * m_columns; }
    /// Where the 4×4 sources of a tile are; `zeros` outside of the image.
    void sources(std::int64_t tile, const float* source, const float* zeros,
                 std::array<const float*, 16>& cells) const;
    /// Calls visit(i, offset) for those of the 2×2 targets that exist; offsets in the batch.
    template <typename Visit>
    void targets(std::int64_t tile, const Visit& visit) const {
        const Place at = place(tile);
        for (std::int64_t i = 0; i < 4; ++i) {
            const std::int64_t row = 2 * at.row + i / 2;
            const std::int64_t column = 2 * at.column + i % 2;
            if (row < m_pass.y.targets && column < m_pass.x.targets) {
                visit(static_cast<std::size_t>(i),
                      ((at.image * m_pass.y.targets + row) * m_pass.x.targets + column) *
                          m_pass.targetChannels);
            }
        }
    }

private:
    struct Place {
        std::int64_t image, row, column;
    };
    [[nodiscard]] Place place(std::int64_t tile) const;

    const ConvPass& m_pass;
    std::int64_t m_batch, m_rows, m_columns;
    std::int64_t m_top, m_left; ///< First source of the first tile.
};

/// A forward or backward-data pass.
struct WinogradPass {
    const ConvGeometry& g;
    ConvDirection direction = ConvDirection::Forward;
    std::int64_t batch = 1;
    const float* source = nullptr;
    const float* weights = nullptr;
    const float* bias = nullptr; ///< Null: none.
    float* target = nullptr;
    bool add = false;
    bool relu = false;
    /// The target holds only the largest of each tile of 2×2, and `positions` (null: not wanted)
    /// which one that was. Only for even numbers of rows and columns.
    bool pools = false;
    std::uint8_t* positions = nullptr;
};
[[nodiscard]] std::int64_t winogradScratchFloats(const WinogradPass& pass);
void runWinograd(Parallel& parallel, const WinogradPass& pass, std::span<float> scratch);

[[nodiscard]] std::int64_t winogradWeightsScratchFloats(const ConvGeometry& g, std::int64_t batch);
void winogradBackwardWeights(Parallel& parallel, const ConvGeometry& g,
                             const ConvBackwardWeightsArgs& args);

} // namespace nn
