#pragma once

#include "nn/model/object_def.h"

#include <cstdint>
#include <functional>

namespace nn {

/// The learning rate as a function of the optimizer's step, counted from 0.
using Schedule = std::function<double(std::int64_t step)>;

/// Keras' schedules, as a family of objects that an argument `learning_rate` accepts.
[[nodiscard]] const ObjectFamily& scheduleFamily();

/// The schedule a checked value stands for: a constant for a number.
[[nodiscard]] Schedule scheduleOf(const RealOrObject& rate);

/// The learning rate at a step, for plots. `rate` is a value of an argument `learning_rate`.
[[nodiscard]] double learningRateAt(const ParamValue& rate, std::int64_t step);

/// Refuses what no single argument's range can: as many values as boundaries.
[[nodiscard]] Expected<void> checkSchedule(const ParamObject& schedule);

} // namespace nn
