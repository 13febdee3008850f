#include "tests/support/reference_spatial.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace reference {

const nn::ParamValue& argument(const LayerRun& run, std::string_view name) {
    return nn::paramValue(run.params, *nn::findSpec(run.def->params, name));
}

nn::Size2 sizeArgument(const LayerRun& run, std::string_view name) {
    const nn::ParamValue& value = argument(run, name);
    if (const auto* length = std::get_if<std::int64_t>(&value)) {
        return {1, *length};
    }
    return std::get<nn::Size2>(value);
}

nn::Shape image(const nn::Shape& shape) {
    return shape.rank() == 2 ? nn::Shape{1, shape[0], shape[1]} : shape;
}

namespace {

/// Values of images [batch][height][width][channels] by position.
struct Images {
    std::int64_t batch, height, width, channels;
    Values values;

    Images(std::int64_t count, const nn::Shape& shape, Values given = {})
        : batch(count), height(image(shape)[0]), width(image(shape)[1]), channels(image(shape)[2]),
          values(std::move(given)) {
        values.resize(static_cast<std::size_t>(batch * height * width * channels), 0.0);
    }
    double& at(std::int64_t n, std::int64_t y, std::int64_t x, std::int64_t c) {
        return values[static_cast<std::size_t>(((n * height + y) * width + x) * channels + c)];
    }
};

/// Calls visit(n, y, x, c) for every value.
template <typename Visit>
void forEachValue(const Images& images, const Visit& visit) {
    for (std::int64_t n = 0; n < images.batch; ++n)
        for (std::int64_t y = 0; y < images.height; ++y)
            for (std::int64_t x = 0; x < images.width; ++x)
                for (std::int64_t c = 0; c < images.channels; ++c)
                    visit(n, y, x, c);
}

/// First and last (excluded) cell of a window.
using Range = std::pair<std::int64_t, std::int64_t>;
using RangeOf = std::function<Range(std::int64_t)>;

Values pooled(const LayerRun& run, const Inputs& inputs, bool largest, const RangeOf& rows,
              const RangeOf& columns) {
    Images from(run.batch, run.inputs[0], inputs[0]);
    Images to(run.batch, run.output.rank() == 1 ? nn::Shape{1, 1, run.output[0]} : run.output);
    forEachValue(to, [&](auto n, auto y, auto x, auto c) {
        const auto [top, bottom] = rows(y);
        const auto [left, right] = columns(x);
        double sum = 0.0;
        double best = -HUGE_VAL;
        for (auto i = top; i < bottom; ++i)
            for (auto j = left; j < right; ++j) {
                sum += from.at(n, i, j, c);
                best = std::max(best, from.at(n, i, j, c));
            }
        to.at(n, y, x, c) =
            largest ? best : sum / static_cast<double>((bottom - top) * (right - left));
    });
    return to.values;
}

RangeOf slidRange(const LayerRun& run, std::int64_t in, std::int64_t pool, std::int64_t stride) {
    const Window window{in, pool, stride, 1,
                        std::get<std::string>(argument(run, "padding")) == "same"};
    return [=, before = padBefore(window)](std::int64_t i) {
        return Range{std::max<std::int64_t>(i * stride - before, 0),
                     std::min(i * stride - before + pool, in)};
    };
}

Values slidPool(const LayerRun& run, const Inputs& inputs, bool largest) {
    const nn::Size2 pool = sizeArgument(run, "pool_size");
    const bool given = !std::holds_alternative<nn::None>(argument(run, "strides"));
    const nn::Size2 strides = given ? sizeArgument(run, "strides") : pool;
    const nn::Shape shape = image(run.inputs[0]);
    return pooled(run, inputs, largest, slidRange(run, shape[0], pool.height, strides.height),
                  slidRange(run, shape[1], pool.width, strides.width));
}

Values globalPool(const LayerRun& run, const Inputs& inputs, bool largest) {
    const nn::Shape shape = image(run.inputs[0]);
    return pooled(
        run, inputs, largest,
        [&](std::int64_t) {
            return Range{0, shape[0]};
        },
        [&](std::int64_t) {
            return Range{0, shape[1]};
        });
}

Values adaptivePool(const LayerRun& run, const Inputs& inputs, bool largest) {
    const nn::Size2 size = sizeArgument(run, "output_size");
    const nn::Shape shape = image(run.inputs[0]);
    const auto part = [](std::int64_t in, std::int64_t parts) {
        return [=](std::int64_t i) {
            const double step = static_cast<double>(in) / static_cast<double>(parts);
            return Range{
                static_cast<std::int64_t>(std::floor(static_cast<double>(i) * step + 1e-9)),
                static_cast<std::int64_t>(std::ceil(static_cast<double>(i + 1) * step - 1e-9))};
        };
    };
    return pooled(run, inputs, largest, part(shape[0], size.height), part(shape[1], size.width));
}

double lanczos(double x, double radius) {
    const double pi = std::numbers::pi;
    return x < 1e-3 ? 1.0
                    : radius * std::sin(pi * x) * std::sin(pi * x / radius) / (pi * pi * x * x);
}

double weightAt(const std::string& method, double x) {
    if (method == "bilinear")
        return std::max(0.0, 1.0 - x);
    if (method == "bicubic")
        return x < 1.0   ? 1.5 * x * x * x - 2.5 * x * x + 1.0
               : x < 2.0 ? -0.5 * x * x * x + 2.5 * x * x - 4.0 * x + 2.0
                         : 0.0;
    const double radius = method == "lanczos3" ? 3.0 : 5.0;
    return x < radius ? lanczos(x, radius) : 0.0;
}

/// A dense matrix [out][in] that resamples `in` cells to `out`.
std::vector<Values> resampling(const std::string& method, std::int64_t in, std::int64_t out,
                               bool antialias) {
    std::vector<Values> rows;
    const double scale = static_cast<double>(in) / static_cast<double>(out);
    const double width = antialias && scale > 1.0 ? scale : 1.0;
    for (std::int64_t o = 0; o < out; ++o) {
        Values row(static_cast<std::size_t>(in), 0.0);
        const double middle = (static_cast<double>(o) + 0.5) * scale;
        double sum = 0.0;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const double distance = std::abs(static_cast<double>(i) + 0.5 - middle) / width;
            const bool nearest = static_cast<std::int64_t>(std::floor(middle + 1e-9)) ==
                                 static_cast<std::int64_t>(i);
            row[i] = method == "nearest" ? (nearest ? 1.0 : 0.0) : weightAt(method, distance);
            sum += row[i];
        }
        for (double& weight : row)
            weight /= sum;
        rows.push_back(row);
    }
    return rows;
}

struct Stretch {
    std::string method;
    bool antialias = false;
};

Values resampled(Images from, const nn::Shape& output, const Stretch& stretch) {
    Images to(from.batch, output);
    const auto down = resampling(stretch.method, from.height, to.height, stretch.antialias);
    const auto across = resampling(stretch.method, from.width, to.width, stretch.antialias);
    forEachValue(to, [&](auto n, auto y, auto x, auto c) {
        double sum = 0.0;
        for (std::int64_t i = 0; i < from.height; ++i)
            for (std::int64_t j = 0; j < from.width; ++j)
                sum += down[static_cast<std::size_t>(y)][static_cast<std::size_t>(i)] *
                       across[static_cast<std::size_t>(x)][static_cast<std::size_t>(j)] *
                       from.at(n, i, j, c);
        to.at(n, y, x, c) = sum;
    });
    return to.values;
}

/// The rectangle of an image that begins at (top, left); `fill` where that is outside.
Images rectangle(Images from, std::int64_t top, std::int64_t left, nn::Size2 size, double fill) {
    Images to(from.batch, {size.height, size.width, from.channels});
    forEachValue(to, [&](auto n, auto y, auto x, auto c) {
        const bool inside =
            y + top >= 0 && y + top < from.height && x + left >= 0 && x + left < from.width;
        to.at(n, y, x, c) = inside ? from.at(n, y + top, x + left, c) : fill;
    });
    return to;
}

/// What Keras keeps of an image of that size to give it the shape of the target: a part of it, or
/// a frame around it.
nn::Size2 fitted(nn::Size2 size, nn::Size2 target, bool crops) {
    const auto scaled = [](std::int64_t a, std::int64_t b, std::int64_t c) {
        return static_cast<std::int64_t>(static_cast<double>(a * b) / static_cast<double>(c));
    };
    const std::int64_t height = scaled(size.width, target.height, target.width);
    const std::int64_t width = scaled(size.height, target.width, target.height);
    if (crops)
        return {std::max<std::int64_t>(1, std::min(size.height, height)),
                std::max<std::int64_t>(1, std::min(size.width, width))};
    return {std::max(size.height, height), std::max(size.width, width)};
}

Values upSampling(const LayerRun& run, const Inputs& inputs, const Inputs& /*weights*/) {
    const bool named = nn::findSpec(run.def->params, "interpolation") != nullptr;
    return resampled(Images(run.batch, run.inputs[0], inputs[0]), run.output,
                     {named ? std::get<std::string>(argument(run, "interpolation")) : "nearest"});
}

Images croppedToRatio(const Images& from, nn::Size2 target) {
    const nn::Size2 size{from.height, from.width};
    const nn::Size2 part = fitted(size, target, true);
    return rectangle(from, (size.height - part.height) / 2, (size.width - part.width) / 2, part, 0);
}

Values resizing(const LayerRun& run, const Inputs& inputs, const Inputs& /*weights*/) {
    Images from(run.batch, run.inputs[0], inputs[0]);
    const nn::Size2 target{run.output[0], run.output[1]};
    const nn::Size2 size{from.height, from.width};
    if (std::get<bool>(argument(run, "crop_to_aspect_ratio"))) {
        from = croppedToRatio(from, target);
    } else if (std::get<bool>(argument(run, "pad_to_aspect_ratio"))) {
        const nn::Size2 frame = fitted(size, target, false);
        const std::int64_t top = (frame.height - size.height) / 2;
        const std::int64_t left = (frame.width - size.width) / 2;
        from = rectangle(from, -top, -left, {size.height + 2 * top, size.width + 2 * left},
                         std::get<double>(argument(run, "fill_value")));
    }
    return resampled(from, run.output,
                     {std::get<std::string>(argument(run, "interpolation")),
                      std::get<bool>(argument(run, "antialias"))});
}

Values centerCrop(const LayerRun& run, const Inputs& inputs, const Inputs& /*weights*/) {
    const Images from(run.batch, run.inputs[0], inputs[0]);
    const nn::Size2 target{run.output[0], run.output[1]};
    if (from.height >= target.height && from.width >= target.width) {
        return rectangle(from, (from.height - target.height) / 2, (from.width - target.width) / 2,
                         target, 0)
            .values;
    }
    return resampled(croppedToRatio(from, target), run.output, {"bilinear"});
}

/// Borders of zeros added, or cut off.
Values framed(const LayerRun& run, const Inputs& inputs, const Inputs& /*weights*/) {
    const bool pads = nn::findSpec(run.def->params, "padding") != nullptr;
    const nn::ParamValue& given = argument(run, pads ? "padding" : "cropping");
    nn::Borders borders;
    if (const auto* pair = std::get_if<nn::Size2>(&given))
        borders = {.left = pair->height, .right = pair->width};
    else
        borders = std::get<nn::Borders>(given);
    const nn::Shape in = image(run.inputs[0]);
    const nn::Shape out = image(run.output);
    const std::int64_t sign = pads ? -1 : 1;
    Values y;
    for (std::int64_t n = 0; n < run.batch; ++n)
        for (std::int64_t i = 0; i < out[0]; ++i)
            for (std::int64_t j = 0; j < out[1]; ++j)
                for (std::int64_t c = 0; c < out[2]; ++c) {
                    const std::int64_t row = i + sign * borders.top;
                    const std::int64_t column = j + sign * borders.left;
                    const bool inside = row >= 0 && row < in[0] && column >= 0 && column < in[1];
                    const auto from = static_cast<std::size_t>(
                        inside ? ((n * in[0] + row) * in[1] + column) * in[2] + c : 0);
                    y.push_back(inside ? inputs[0][from] : 0.0);
                }
    return y;
}

template <typename Function>
LayerReference pool(const Function& function, bool largest) {
    return [function, largest](const LayerRun& run, const Inputs& inputs, const Inputs&) {
        return function(run, inputs, largest);
    };
}

} // namespace

const std::map<std::string, LayerReference>& spatialLayers() {
    static const std::map<std::string, LayerReference> table{
        {"MaxPooling2D", pool(slidPool, true)},
        {"MaxPooling1D", pool(slidPool, true)},
        {"AveragePooling2D", pool(slidPool, false)},
        {"AveragePooling1D", pool(slidPool, false)},
        {"GlobalMaxPooling2D", pool(globalPool, true)},
        {"GlobalMaxPooling1D", pool(globalPool, true)},
        {"GlobalAveragePooling2D", pool(globalPool, false)},
        {"GlobalAveragePooling1D", pool(globalPool, false)},
        {"AdaptiveMaxPooling2D", pool(adaptivePool, true)},
        {"AdaptiveMaxPooling1D", pool(adaptivePool, true)},
        {"AdaptiveAveragePooling2D", pool(adaptivePool, false)},
        {"AdaptiveAveragePooling1D", pool(adaptivePool, false)},
        {"UpSampling2D", upSampling},
        {"UpSampling1D", upSampling},
        {"Resizing", resizing},
        {"CenterCrop", centerCrop},
        {"ZeroPadding2D", framed},
        {"ZeroPadding1D", framed},
        {"Cropping2D", framed},
        {"Cropping1D", framed}};
    return table;
}

} // namespace reference
