#pragma once

#include "nn/io/project.h"
#include "nn/io/python_text.h"
#include "nn/model/infer.h"

#include <string>
#include <vector>

namespace nn::io {

/// How far the arguments of a call are indented.
inline constexpr std::size_t kLineIndent = 4;

/// The name of a layer as Keras takes it, which refuses "/".
[[nodiscard]] std::string kerasName(std::string name);

/// An argument's value as Python writes it, its objects with the module they are in.
[[nodiscard]] std::string pythonValue(const ParamSpec& spec, const ParamValue& value);

/// Adds the arguments that are required or differ from their defaults, in written order.
void addArguments(PythonCall& call, const std::vector<ParamSpec>& specs, const ParamMap& params);

/// The lines that load the images the network is trained on.
[[nodiscard]] std::string kerasDataCode(const Project& project, const Inference& inference);

/// The lines of compile and fit.
[[nodiscard]] std::string kerasTrainingCode(const Project& project, const Inference& inference);

} // namespace nn::io
