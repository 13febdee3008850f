#include "nn/model/templates.h"

#include "nn/model/text_graph.h"

#include <algorithm>
#include <cassert>

namespace nn {
namespace {

/// Two 3×3 convolutions beside a shortcut (He et al. 2016). Where the stride halves the image, a
/// 1×1 convolution brings the shortcut to the same shape.
std::string residualBlock(const std::string& name, int filters, int stride,
                          const std::string& source) {
    const std::string conv = "Conv2D(" + std::to_string(filters) + ", 3, padding=same, ";
    const std::string strides = "strides=" + std::to_string(stride);
    std::string text = source + " -> " + conv + "use_bias=false, " + strides +
                       ") -> BatchNormalization -> ReLU -> " + conv + "use_bias=false) -> " + name +
                       "_main: BatchNormalization; ";
    std::string shortcut = source;
    if (stride != 1) {
        shortcut = name + "_shortcut";
        text += source + " -> " + shortcut + ": Conv2D(" + std::to_string(filters) + ", 1, " +
                strides + "); ";
    }
    return text + "[" + name + "_main, " + shortcut + "] -> Add -> " + name + "_out: ReLU; ";
}

std::string residualNetwork() {
    std::string text = "32x32x3 -> Conv2D(16, 3, padding=same, use_bias=false) -> "
                       "BatchNormalization -> stem: ReLU; ";
    std::string source = "stem";
    for (int stage = 1; stage <= 3; ++stage) {
        for (int block = 1; block <= 2; ++block) {
            const std::string name =
                "stage" + std::to_string(stage) + "_block" + std::to_string(block);
            const int stride = stage > 1 && block == 1 ? 2 : 1;
            text += residualBlock(name, 8 << stage, stride, source);
            source = name + "_out";
        }
    }
    return text + source + " -> GlobalAveragePooling2D -> Dense(10, activation=softmax)";
}

constexpr const char* kSeedCConvolutions =
    "256x256x3 -> Conv2D(32, 3, activation=relu) -> Conv2D(64, 3, activation=relu) -> "
    "MaxPooling2D(2) -> Conv2D(128, 3, activation=relu) -> Conv2D(256, 3, activation=relu) -> "
    "MaxPooling2D(2) -> ";

std::string seedCNetwork(std::string_view head) {
    std::string text = kSeedCConvolutions;
    text += head;
    return text;
}

/// Convolution without bias, normalized and rectified.
std::string normalized(int filters) {
    return "Conv2D(" + std::to_string(filters) +
           ", 3, padding=same, use_bias=false) -> BatchNormalization -> ReLU -> ";
}

/// Trained with a rate that rises over the first of 18 epochs of 469 steps and falls over the rest.
Template fashionTemplate() {
    return {.name = "fashion-cnn",
            .title = "Clothes, trained well",
            .summary = "Four normalized convolutions with augmentation; 94 % of Fashion-MNIST.",
            .text = "28x28x1 -> RandomFlip(horizontal) -> "
                    "RandomTranslation(0.07, 0.07, fill_mode=constant, interpolation=nearest) -> " +
                    normalized(32) + "MaxPooling2D(2) -> " + normalized(64) + normalized(64) +
                    "MaxPooling2D(2) -> Dropout(0.2) -> " + normalized(128) +
                    "Flatten -> Dense(128, use_bias=false) -> BatchNormalization -> ReLU -> "
                    "Dropout(0.3) -> Dense(10, activation=softmax)",
            .data = "fashion-mnist",
            .optimizer = "AdamW",
            .optimizerParams = {{"learning_rate",
                                 ParamObject("CosineDecay", {{"initial_learning_rate", 0.0003},
                                                             {"decay_steps", 7973.0},
                                                             {"warmup_target", 0.003},
                                                             {"warmup_steps", 469.0}})},
                                {"weight_decay", 0.05},
                                {"exclude_from_weight_decay", std::string("gamma, beta, bias")}},
            .epochs = 18};
}

std::vector<Template> smallTemplates() {
    return {
        {.name = "starter",
         .title = "First network",
         .summary = "Small and quick: two convolutions that learn to tell clothes apart.",
         .text = "28x28x1 -> Conv2D(16, 5, padding=same, activation=relu) -> MaxPooling2D(2) -> "
                 "Conv2D(32, 3, activation=relu) -> MaxPooling2D(2) -> Flatten -> "
                 "Dense(10, activation=softmax)",
         .batchSize = 32},
        {.name = "digits-cnn",
         .title = "Handwritten digits, 8×8",
         .summary = "Three convolutions for the tiny UCI digits; trains in seconds.",
         .text = "8x8x1 -> Conv2D(32, 3, padding=same, activation=relu) -> "
                 "Conv2D(64, 3, padding=same, activation=relu) -> MaxPooling2D(2) -> "
                 "Dropout(0.25) -> Conv2D(64, 3, padding=same, activation=relu) -> Flatten -> "
                 "Dropout(0.5) -> Dense(10, activation=softmax)",
         .data = "digits",
         .batchSize = 32,
         .epochs = 20},
        {.name = "mnist-cnn",
         .title = "MNIST convnet",
         .summary = "Two convolutions with pooling and dropout, for 28×28 grey images.",
         .text = "28x28x1 -> "
                 "Conv2D(32, 3, activation=relu, kernel_initializer=he_uniform) -> "
                 "MaxPooling2D(2) -> "
                 "Conv2D(64, 3, activation=relu, kernel_initializer=he_uniform) -> "
                 "MaxPooling2D(2) -> Flatten -> Dropout(0.5) -> Dense(10, activation=softmax)",
         // A third less in every epoch of 60,000 images.
         .optimizerParams = {{"learning_rate",
                              ParamObject("ExponentialDecay", {{"initial_learning_rate", 0.004},
                                                               {"decay_steps", 469.0},
                                                               {"decay_rate", 0.7}})}}},
        {.name = "lenet5",
         .title = "LeNet-5",
         .summary = "LeCun's network of 1998 for digits, with tanh and average pooling.",
         .text = "28x28x1 -> Conv2D(6, 5, padding=same, activation=tanh) -> AveragePooling2D(2) -> "
                 "Conv2D(16, 5, activation=tanh) -> AveragePooling2D(2) -> Flatten -> "
                 "Dense(120, activation=tanh) -> Dense(84, activation=tanh) -> "
                 "Dense(10, activation=softmax)"},
        fashionTemplate(),
    };
}

std::vector<Template> largerTemplates() {
    return {
        {.name = "cifar-vgg",
         .title = "VGG for small photos",
         .summary = "Pairs of 3×3 convolutions with dropout, for 32×32 colour images.",
         .text = "32x32x3 -> Conv2D(32, 3, padding=same, activation=relu) -> "
                 "Conv2D(32, 3, activation=relu) -> MaxPooling2D(2) -> Dropout(0.25) -> "
                 "Conv2D(64, 3, padding=same, activation=relu) -> "
                 "Conv2D(64, 3, activation=relu) -> MaxPooling2D(2) -> Dropout(0.25) -> Flatten -> "
                 "Dense(512, activation=relu) -> Dropout(0.5) -> Dense(10, activation=softmax)"},
        {.name = "resnet-mini",
         .title = "Small residual network",
         .summary = "Six residual blocks with BatchNormalization, for 32×32 colour images.",
         .text = residualNetwork(),
         .optimizer = "SGD",
         .optimizerParams = {{"momentum", 0.9}},
         .epochs = 10},
        {.name = "seed-a",
         .title = "One convolution",
         .summary = "The smallest classifier: one convolution, pooling, one Dense layer.",
         .text = "28x28x1 -> Conv2D(32, 3, activation=relu) -> MaxPooling2D(2) -> Flatten -> "
                 "Dense(10, activation=softmax)"},
        {.name = "seed-b",
         .title = "Strides and padding",
         .summary = "A strided 'same' and a 'valid' convolution before 1,000 classes; 115 million "
                    "weights.",
         .text = "64x64x3 -> Conv2D(64, 5, strides=2, padding=same, activation=relu) -> "
                 "Conv2D(128, 3, activation=relu) -> Flatten -> Dense(1000, activation=softmax)",
         .optimizer = "SGD",
         .batchSize = 32},
        {.name = "seed-c-gap",
         .title = "Deep network, averaged",
         .summary = "Four convolutions for 256×256 photos with GlobalAveragePooling2D: 0.4 million "
                    "weights.",
         .text = seedCNetwork("GlobalAveragePooling2D -> Dense(10, activation=softmax)"),
         .batchSize = 4},
        {.name = "seed-c",
         .title = "Deep network, flattened",
         .summary = "The same convolutions with Flatten: 976 million weights. Shows what Flatten "
                    "can cost.",
         .text = seedCNetwork("Flatten -> Dense(1024, activation=relu) -> Dropout(0.5) -> "
                              "Dense(10, activation=softmax)"),
         .batchSize = 1},
    };
}

std::vector<Template> allTemplates() {
    std::vector<Template> all = smallTemplates();
    std::ranges::move(largerTemplates(), std::back_inserter(all));
    return all;
}

} // namespace

const std::vector<Template>& templates() {
    static const std::vector<Template> all = allTemplates();
    return all;
}

const Template* findTemplate(std::string_view name) {
    const auto found = std::ranges::find(templates(), name, &Template::name);
    return found == templates().end() ? nullptr : &*found;
}

Graph templateGraph(const Template& entry) {
    Expected<Graph> graph = textGraph(entry.text);
    assert(graph.has_value());
    return graph.has_value() ? std::move(*graph) : Graph{};
}

} // namespace nn
