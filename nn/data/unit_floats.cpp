#include "nn/data/unit_floats.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/data/unit_floats.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nn::data::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr float kPixelMaximum = 255.0F;

void divide(const std::uint8_t* HWY_RESTRICT pixels, float* HWY_RESTRICT out, std::size_t count) {
    const hn::ScalableTag<float> floats;
    const hn::Rebind<std::int32_t, decltype(floats)> whole;
    const hn::Rebind<std::uint8_t, decltype(floats)> bytes;
    const auto maximum = hn::Set(floats, kPixelMaximum);
    const std::size_t lanes = hn::Lanes(floats);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        const auto value =
            hn::ConvertTo(floats, hn::PromoteTo(whole, hn::LoadU(bytes, pixels + i)));
        // A division, not a product with 1/255, whose last bit would differ.
        hn::StoreU(hn::Div(value, maximum), floats, out + i);
    }
    for (; i < count; ++i) {
        out[i] = static_cast<float>(pixels[i]) / kPixelMaximum;
    }
}

} // namespace nn::data::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <cassert>

namespace nn::data {

HWY_EXPORT(divide);

void unitFloats(std::span<const std::uint8_t> pixels, std::span<float> out) {
    assert(pixels.size() == out.size());
    HWY_DYNAMIC_DISPATCH(divide)(pixels.data(), out.data(), pixels.size());
}

} // namespace nn::data
#endif
