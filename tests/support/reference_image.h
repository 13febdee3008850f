#pragma once

#include "nn/layers/support/augmentation.h"
#include "tests/support/reference_layers.h"

#include <functional>

/// What references of augmentation layers share.
namespace reference {

using nn::RandomSequence;

[[nodiscard]] const nn::ParamValue& param(const LayerRun& run, std::string_view name);
template <typename T>
T param(const LayerRun& run, std::string_view name) {
    return std::get<T>(param(run, name));
}

/// A draw between the bounds of a factor argument.
[[nodiscard]] double drawn(RandomSequence& random, const std::vector<double>& factor,
                           double least = -1.0);
[[nodiscard]] double drawn(RandomSequence& random, const LayerRun& run, std::string_view name,
                           double least = -1.0);

/// One image and the ways to read it.
struct Image {
    const LayerRun& run;
    const double* values;

    [[nodiscard]] std::int64_t height() const { return run.inputs[0][0]; }
    [[nodiscard]] std::int64_t width() const { return run.inputs[0][1]; }
    [[nodiscard]] std::int64_t channels() const { return run.inputs[0][2]; }
    [[nodiscard]] Values copied() const { return {values, values + run.inputs[0].count()}; }

    [[nodiscard]] double pixel(std::int64_t y, std::int64_t x, std::int64_t c,
                               const std::string& mode) const;
    [[nodiscard]] double between(double y, double x, std::int64_t c, const std::string& mode) const;
};

/// Where the output pixel (y, x) is read.
using Source = std::function<std::pair<double, double>(double y, double x)>;
[[nodiscard]] Values warped(const Image& image, const Source& source, const std::string& mode,
                            bool nearest);
/// With the layer's fill_mode and interpolation.
[[nodiscard]] Values warped(const Image& image, const Source& source);

/// The random numbers that are drawn once for a batch.
[[nodiscard]] RandomSequence batchNumbers(const LayerRun& run);
[[nodiscard]] RandomSequence imageNumbers(const LayerRun& run, std::int64_t sample);

/// What a layer makes of one image while training.
using ImageFunction = Values (*)(const Image&, RandomSequence&);

} // namespace reference
