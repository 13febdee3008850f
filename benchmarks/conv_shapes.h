#pragma once

#include "nn/kernels/convolution.h"

#include <vector>

/// A convolution that is measured, named channels->filters@image size.
struct ConvShape {
    const char* name;
    nn::ConvGeometry g;
};

/// Square images and filters; padding keeps the size (but for the stride) if `same`.
inline nn::ConvGeometry squareConvolution(std::int64_t in, std::int64_t out, std::int64_t size,
                                          bool same, std::int64_t kernel = 3,
                                          std::int64_t stride = 1, std::int64_t groups = 1) {
    nn::ConvGeometry g{.inHeight = size, .inWidth = size, .inChannels = in, .outChannels = out};
    g.kernelHeight = g.kernelWidth = kernel;
    g.strideHeight = g.strideWidth = stride;
    g.padTop = g.padLeft = same ? (kernel - 1) / 2 : 0;
    g.outHeight = g.outWidth = same ? (size + stride - 1) / stride : (size - kernel) / stride + 1;
    g.groups = groups;
    return g;
}

inline std::vector<ConvShape> convShapes() {
    return {{"1->32@28", squareConvolution(1, 32, 28, false)},
            {"3->32@32same", squareConvolution(3, 32, 32, true)},
            {"32->64@13", squareConvolution(32, 64, 13, false)},
            {"32->32@32", squareConvolution(32, 32, 32, false)},
            {"32->32@32same", squareConvolution(32, 32, 32, true)},
            {"16->16@32same", squareConvolution(16, 16, 32, true)},
            {"64->64@32same", squareConvolution(64, 64, 32, true)},
            {"128->128@16same", squareConvolution(128, 128, 16, true)},
            {"256->256@8same", squareConvolution(256, 256, 8, true)},
            {"512->512@4same", squareConvolution(512, 512, 4, true)},
            {"64->128@32stride2", squareConvolution(64, 128, 32, true, 3, 2)},
            {"64->64@32 1x1", squareConvolution(64, 64, 32, false, 1)},
            {"64@32depthwise", squareConvolution(64, 64, 32, true, 3, 1, 64)}};
}
