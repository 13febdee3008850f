#pragma once

#include "nn/exec/kernel.h"
#include "nn/layers/support/convolution_form.h"

#include <memory>

namespace nn {

/// The code of a convolution over images of that size. Weights: kernel, for separable ones also
/// the pointwise kernel, then the bias if there is one.
[[nodiscard]] std::shared_ptr<const Kernel>
convolutionKernel(const ConvolutionForm& form, const Shape& image, const Shape& output);

} // namespace nn
