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

    struct Place {
        std::int64_t image, row, column;
    };

    [[nodiscard]] std::int64_t count() const { return m_batch * m_rows * m_columns; }
    [[nodiscard]] Place place(std::int64_t tile) const;
    /// Goes on to the next tile.
    void advance(Place& at) const {
        if (++at.column == m_columns) {
            at.column = 0;
            if (++at.row == m_rows) {
                at.row = 0;
                ++at.image;
            }
        }
    }
    /// Where the 4×4 sources of a tile are; `zeros` outside of the image.
    void sources(const Place& at, const float* source, const float* zeros,
                 std::array<const float*, 16>& cells) const;
    /// Calls visit(i, offset) for those of the 2×2 targets that exist; offsets in the batch.
    template <typename Visit>
    void targets(const Place& at, const Visit& visit) const {
        const std::int64_t row = 2 * at.row;
        const std::int64_t column = 2 * at.column;
        const std::int64_t line = m_pass.x.targets * m_pass.targetChannels;
        const std::int64_t first =
            (at.image * m_pass.y.targets + row) * line + column * m_pass.targetChannels;
        const bool hasRight = column + 1 < m_pass.x.targets;
        visit(std::size_t{0}, first);
        if (hasRight) {
            visit(std::size_t{1}, first + m_pass.targetChannels);
        }
        if (row + 1 < m_pass.y.targets) {
            visit(std::size_t{2}, first + line);
            if (hasRight) {
                visit(std::size_t{3}, first + line + m_pass.targetChannels);
            }
        }
    }

private:
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
    ConvThreads threads = ConvThreads::Any;
};
[[nodiscard]] std::int64_t winogradScratchFloats(const WinogradPass& pass);
void runWinograd(Parallel& parallel, const WinogradPass& pass, std::span<float> scratch);

[[nodiscard]] std::int64_t winogradWeightsScratchFloats(const ConvGeometry& g, std::int64_t batch,
                                                        ConvThreads threads);
void winogradBackwardWeights(Parallel& parallel, const ConvGeometry& g,
                             const ConvBackwardWeightsArgs& args);

} // namespace nn
