#include "tests/support/conv_cases.h"

#include "nn/kernels/conv_bundle.h"
#include "nn/kernels/conv_plan.h"
#include "nn/kernels/conv_spread.h"
#include "nn/kernels/conv_strips.h"
#include "nn/kernels/winograd.h"

#include <algorithm>
#include <sstream>

namespace kernel_cases {

using nn::ConvGeometry;

namespace {

constexpr double kTolerance = 2e-6;
constexpr double kWinogradTolerance = 6e-6; // for tiles of 4×4

reference::Values forward(const ConvCase& c) {
    return reference::convForward(c.g, c.batch, doubles(c.x), doubles(c.weights), doubles(c.bias));
}

reference::Values backwardData(const ConvCase& c) {
    auto dx = reference::convBackwardData(c.g, c.batch, doubles(c.dy), doubles(c.weights));
    for (std::size_t i = 0; i < dx.size() && !c.bias.empty(); ++i) {
        dx[i] += static_cast<double>(c.bias[i % c.bias.size()]);
    }
    return dx;
}

reference::Values backwardWeights(const ConvCase& c) {
    auto gradients = reference::convBackwardWeights(c.g, c.batch, doubles(c.x), doubles(c.dy));
    if (c.wantsBias) {
        const auto db = reference::sumToChannels(doubles(c.dy), c.g.outChannels);
        gradients.insert(gradients.end(), db.begin(), db.end());
    }
    return gradients;
}

reference::Values results(const ConvCase& c) {
    switch (c.part) {
    case ConvPart::Forward:
        return forward(c);
    case ConvPart::BackwardData:
        return backwardData(c);
    case ConvPart::BackwardWeights:
        return backwardWeights(c);
    }
    return {};
}

std::string methodOf(const nn::ConvPass& pass) {
    const bool strips = nn::usesStrips(pass);
    if (pass.channelwise()) {
        return strips ? "channel strips" : "channels";
    }
    return strips ? "strips" : "product";
}

std::string gradientMethodOf(const nn::ConvPass& pass) {
    if (nn::usesGradientStrips(pass)) {
        return "strips";
    }
    if (nn::usesPatchGradient(pass)) {
        return "patches";
    }
    return pass.channelwise() ? "channels" : "product";
}

const char* nameOf(ConvPart part) {
    switch (part) {
    case ConvPart::Forward:
        return "y";
    case ConvPart::BackwardData:
        return "dx";
    case ConvPart::BackwardWeights:
        return "dw";
    }
    return "";
}

} // namespace

ConvCase convCase(Dice& dice, const ConvGeometry& g, ConvPart part) {
    return convCase(dice, g, part, dice.number(1, dice.chance(0.1) ? 5 : 2));
}

ConvCase convCase(Dice& dice, const ConvGeometry& g, ConvPart part, std::int64_t batch) {
    ConvCase c{.g = g, .part = part, .batch = batch};
    const bool isGradient = part != ConvPart::Forward;
    c.threads = dice.chance(0.7) ? nn::ConvThreads::One : nn::ConvThreads::Any;
    c.relu = part != ConvPart::BackwardWeights && dice.chance(0.5);
    c.add = isGradient && dice.chance(0.4);
    c.wantsBias = dice.chance(0.6);
    if (part != ConvPart::BackwardData) {
        c.x = dice.values(c.batch * g.inputFloats());
    }
    if (isGradient) {
        c.dy = dice.values(c.batch * g.outputFloats());
    }
    if (part != ConvPart::BackwardWeights) {
        c.weights = dice.values(g.weightFloats());
        const std::int64_t channels = isGradient ? g.inChannels : g.outChannels;
        c.bias = dice.values(c.wantsBias ? channels : 0);
    }
    c.expected = results(c);
    for (double& value : c.expected) {
        value += c.add ? 1.0 : 0.0;
        value = c.relu ? std::max(value, 0.0) : value;
    }
    return c;
}

void ConvBench::run(const ConvCase& c, std::span<float> to) {
    nn::Parallel& parallel = c.threads == nn::ConvThreads::One ? m_one : m_two;
    const auto activation = c.relu ? nn::FusedActivation::Relu : nn::FusedActivation::None;
    const nn::Write write = c.add ? nn::Write::Add : nn::Write::Assign;
    const auto weights = static_cast<std::size_t>(c.g.weightFloats());
    switch (c.part) {
    case ConvPart::Forward:
        nn::convForward(
            parallel, c.g,
            {.batch = c.batch,
             .x = c.x,
             .weights = c.weights,
             .bias = c.bias,
             .activation = activation,
             .y = to,
             .scratch = m_scratch.of(nn::convForwardScratchFloats(c.g, c.batch, c.threads)),
             .threads = c.threads});
        return;
    case ConvPart::BackwardData:
        nn::convBackwardData(
            parallel, c.g,
            {.batch = c.batch,
             .dy = c.dy,
             .weights = c.weights,
             .bias = c.bias,
             .activation = activation,
             .dx = to,
             .write = write,
             .scratch = m_scratch.of(nn::convBackwardDataScratchFloats(c.g, c.batch, c.threads)),
             .threads = c.threads});
        return;
    case ConvPart::BackwardWeights:
        nn::convBackwardWeights(
            parallel, c.g,
            {.batch = c.batch,
             .x = c.x,
             .dy = c.dy,
             .dw = to.first(weights),
             .db = to.subspan(weights),
             .write = write,
             .scratch = m_scratch.of(nn::convBackwardWeightsScratchFloats(c.g, c.batch, c.threads)),
             .threads = c.threads});
        return;
    }
}

double convTolerance(const ConvGeometry& g) {
    return nn::usesWinograd(g) ? kWinogradTolerance : kTolerance;
}

std::string ConvBench::failureOf(const ConvCase& c) {
    auto actual = unwritten(std::ssize(c.expected));
    if (c.add) {
        std::ranges::fill(actual, 1.0F);
    }
    run(c, actual);
    const double error = relativeError(actual, c.expected);
    if (error < convTolerance(c.g) && m_scratch.isIntact()) {
        return {};
    }
    std::ostringstream message;
    message << text(c.g, c.batch) << (c.threads == nn::ConvThreads::One ? ", one thread" : "")
            << (c.add ? ", added" : "") << ": " << nameOf(c.part) << " " << error
            << (m_scratch.isIntact() ? "" : ", writes behind its scratch memory");
    return message.str();
}

std::set<std::string> methodsOf(const ConvGeometry& g, ConvPart part) {
    if (nn::usesWinograd(g)) {
        return {"winograd"};
    }
    if (part != ConvPart::BackwardData && nn::bundleOf(g) > 1) {
        return {"bundle"};
    }
    if (part == ConvPart::BackwardWeights) {
        return {gradientMethodOf(nn::forwardPass(g))};
    }
    const auto direction =
        part == ConvPart::Forward ? nn::ConvDirection::Forward : nn::ConvDirection::BackwardData;
    if (nn::spreadsRows({.g = g, .direction = direction})) {
        return {"spread"};
    }
    std::set<std::string> methods;
    nn::forEachPass(g, direction, [&](const nn::ConvPass& pass, std::int64_t) {
        if (pass.steps() > 0 && pass.y.targets > 0 && pass.x.targets > 0) {
            methods.insert(methodOf(pass));
        }
    });
    return methods;
}

void setOutputs(ConvGeometry& g, bool same) {
    const reference::Window y{g.inHeight, g.kernelHeight, g.strideHeight, g.dilationHeight, same};
    const reference::Window x{g.inWidth, g.kernelWidth, g.strideWidth, g.dilationWidth, same};
    g.outHeight = reference::outputSize(y);
    g.outWidth = reference::outputSize(x);
    g.padTop = reference::padBefore(y);
    g.padLeft = reference::padBefore(x);
}

ConvGeometry anyConvolution(Dice& dice) {
    ConvGeometry g;
    g.kernelHeight = dice.number(1, 5);
    g.kernelWidth = dice.number(1, 5);
    g.strideHeight = dice.chance(0.6) ? 1 : dice.number(1, 4);
    g.strideWidth = dice.chance(0.6) ? 1 : dice.number(1, 4);
    g.dilationHeight = dice.chance(0.7) ? 1 : dice.number(1, 3);
    g.dilationWidth = dice.chance(0.7) ? 1 : dice.number(1, 3);
    const std::int64_t height = (g.kernelHeight - 1) * g.dilationHeight + 1;
    const std::int64_t width = (g.kernelWidth - 1) * g.dilationWidth + 1;
    g.inHeight = dice.number(height, height + 8);
    g.inWidth = dice.number(width, width + 8);
    g.groups = dice.chance(0.7) ? 1 : dice.number(1, 5);
    g.inChannels = g.groups * dice.number(1, g.groups > 1 ? 3 : 9);
    g.outChannels = g.groups * dice.number(1, g.groups > 1 ? 4 : 40);
    if (dice.chance(0.1)) {
        g.groups = g.inChannels = g.outChannels = dice.number(1, 40);
    }
    setOutputs(g, dice.chance(0.5));
    return g;
}

ConvGeometry anyTransposed(Dice& dice) {
    ConvGeometry g = anyConvolution(dice);
    g.padTop += dice.number(-2, 2);
    g.padLeft += dice.number(-2, 2);
    g.inHeight += dice.number(0, 3);
    g.inWidth += dice.number(0, 3);
    return g;
}

ConvGeometry longRows(Dice& dice) {
    ConvGeometry g;
    g.kernelHeight = dice.number(1, 4);
    g.kernelWidth = dice.chance(0.6) ? 3 : dice.number(2, 6);
    g.strideHeight = dice.chance(0.8) ? 1 : 2;
    g.strideWidth = dice.chance(0.8) ? 1 : 2;
    g.dilationHeight = dice.chance(0.9) ? 1 : 2;
    g.groups = dice.chance(0.8) ? 1 : 2;
    // Sometimes more products per filter row than one piece of a reduction has.
    g.inChannels = g.groups * (dice.chance(0.05) ? dice.number(60, 80) : dice.number(2, 15));
    g.outChannels = g.groups * (dice.chance(0.1) ? dice.number(40, 72) : dice.number(9, 33));
    const std::int64_t reach = (g.kernelHeight - 1) * g.dilationHeight + 1;
    g.inHeight = dice.number(reach, reach + 3);
    g.inWidth = dice.number(8, 24);
    setOutputs(g, dice.chance(0.5));
    return g;
}

ConvGeometry firstLayer(Dice& dice) {
    ConvGeometry g;
    g.kernelHeight = dice.chance(0.6) ? 3 : 5;
    g.kernelWidth = g.kernelHeight == 3 ? dice.number(2, 4) : dice.number(5, 6);
    g.inChannels = g.kernelHeight == 3 ? dice.number(1, 3) : 1;
    g.outChannels = dice.number(1, 33);
    g.strideHeight = g.strideWidth = dice.chance(0.7) ? 1 : 2;
    g.inHeight = dice.number(5, 12);
    g.inWidth = dice.number(6, 30);
    setOutputs(g, dice.chance(0.5));
    return g;
}

ConvGeometry longFilterRows(Dice& dice) {
    ConvGeometry g;
    g.inChannels = dice.number(3, 7);
    g.kernelWidth = dice.number((14 + g.inChannels - 1) / g.inChannels, 30 / g.inChannels);
    g.kernelHeight = dice.number(1, 6);
    g.outChannels = dice.number(1, 16);
    g.strideHeight = dice.number(1, 2);
    g.strideWidth = dice.number(1, 2);
    g.dilationHeight = dice.chance(0.7) ? 1 : 2;
    g.inHeight = (g.kernelHeight - 1) * g.dilationHeight + dice.number(1, 8);
    g.inWidth = g.kernelWidth + dice.number(0, 16);
    setOutputs(g, dice.chance(0.5));
    return g;
}

ConvGeometry filterPerChannel(Dice& dice) {
    ConvGeometry g;
    g.kernelHeight = dice.number(1, 5);
    g.kernelWidth = dice.number(1, 4);
    const bool strided = dice.chance(0.3);
    g.strideHeight = strided ? dice.number(1, 3) : 1;
    g.strideWidth = strided ? dice.number(1, 4) : 1;
    g.dilationHeight = strided ? 1 : dice.number(1, 3);
    g.dilationWidth = strided || dice.chance(0.6) ? 1 : 2;
    g.groups = g.inChannels = g.outChannels = dice.number(1, 40);
    g.inHeight = (g.kernelHeight - 1) * g.dilationHeight + dice.number(1, 8);
    g.inWidth = (g.kernelWidth - 1) * g.dilationWidth + dice.number(1, 20);
    setOutputs(g, dice.chance(0.5));
    return g;
}

ConvGeometry fewFilters(Dice& dice) {
    ConvGeometry g;
    g.kernelHeight = dice.number(1, 4);
    g.kernelWidth = dice.number(2, 5);
    g.strideHeight = dice.chance(0.7) ? 1 : dice.number(1, 3);
    g.dilationHeight = dice.chance(0.8) ? 1 : 2;
    g.inChannels = dice.number(1, 7);
    g.outChannels = dice.number(1, 8);
    g.inHeight = (g.kernelHeight - 1) * g.dilationHeight + dice.number(1, 8);
    const bool same = dice.chance(0.5);
    const std::int64_t targets = dice.chance(0.5) ? 2 * dice.number(1, 15) : 3 * dice.number(1, 10);
    g.inWidth = std::max(same ? targets : targets + g.kernelWidth - 1, g.kernelWidth);
    setOutputs(g, same);
    return g;
}

ConvGeometry fewChannels(Dice& dice) {
    ConvGeometry g;
    g.kernelHeight = dice.number(1, 6);
    g.kernelWidth = dice.number(2, 7);
    g.strideHeight = dice.number(1, 3);
    g.strideWidth = dice.number(1, 3);
    g.dilationHeight = dice.chance(0.7) ? 1 : dice.number(1, 3);
    g.inChannels = dice.chance(0.7) ? dice.number(1, 3) : dice.number(4, 10);
    g.outChannels = dice.chance(0.05) ? dice.number(190, 210) : dice.number(1, 33);
    g.inHeight = (g.kernelHeight - 1) * g.dilationHeight + dice.number(1, 8);
    g.inWidth = g.kernelWidth + dice.number(0, 16);
    setOutputs(g, dice.chance(0.5));
    if (dice.chance(0.3)) { // of a transposed convolution
        g.padLeft += dice.number(-2, 2);
        g.inWidth += dice.number(0, 3);
    }
    return g;
}

ConvGeometry manyFilters(Dice& dice) {
    ConvGeometry g;
    g.kernelHeight = g.kernelWidth = 3;
    g.inChannels = 16 * (dice.chance(0.9) ? 2 : dice.number(2, 5));
    g.outChannels = 16 * (dice.chance(0.9) ? 2 : dice.number(2, 5));
    const bool same = dice.chance(0.5);
    const std::int64_t least = same ? 5 : 7;
    g.inHeight = least + (dice.chance(0.6) ? 0 : dice.number(1, 4));
    g.inWidth = least + (dice.chance(0.6) ? 0 : dice.number(1, 4));
    setOutputs(g, same);
    return g;
}

std::string text(const ConvGeometry& g, std::int64_t batch) {
    std::ostringstream message;
    message << batch << " × " << g.inHeight << "×" << g.inWidth << "×" << g.inChannels << " -> "
            << g.outHeight << "×" << g.outWidth << "×" << g.outChannels << ", kernel "
            << g.kernelHeight << "×" << g.kernelWidth << ", stride " << g.strideHeight << "×"
            << g.strideWidth << ", dilation " << g.dilationHeight << "×" << g.dilationWidth
            << ", pad " << g.padTop << "," << g.padLeft << ", groups " << g.groups;
    return message.str();
}

} // namespace kernel_cases
