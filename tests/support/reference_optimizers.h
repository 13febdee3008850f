#pragma once

#include "nn/kernels/optimizer.h"
#include "tests/support/reference_kernels.h"

#include <array>
#include <vector>

/// One step of every optimizer again, by its formula in double precision.
namespace reference {

/// A variable and the state an optimizer keeps for it.
template <typename Float>
struct OptimizerState {
    std::vector<Float> weights{};
    std::array<std::vector<Float>, 3> kept{};
};

/// The numbers of all rules.
struct OptimizerNumbers {
    nn::StepCommon common{};
    std::int64_t step = 1;
    double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7;
    double momentum = 0.0, nextMomentum = 0.9, product = 0.5;
    bool variant = false; ///< Nesterov, AMSGrad, centered.
    double power = -0.5, l1 = 0.0, l2 = 0.0, shrinkage = 0.0;
    double warmUp = 1.0;
    double clipThreshold = 1.0;
    std::int64_t height = 0, width = 1; ///< Of a matrix; height 0: the variable is none.
    std::int64_t iterations = 5;
};

/// A step with the gradient as it is given; it is scaled and cut, the weights decay.
using OptimizerStep = void (*)(const OptimizerNumbers& n, const Values& gradient,
                               OptimizerState<double>& state);

void sgd(const OptimizerNumbers& n, const Values& gradient, OptimizerState<double>& state);
void adam(const OptimizerNumbers& n, const Values& gradient, OptimizerState<double>& state);
void rmsprop(const OptimizerNumbers& n, const Values& gradient, OptimizerState<double>& state);
void lion(const OptimizerNumbers& n, const Values& gradient, OptimizerState<double>& state);
void adagrad(const OptimizerNumbers& n, const Values& gradient, OptimizerState<double>& state);
void adadelta(const OptimizerNumbers& n, const Values& gradient, OptimizerState<double>& state);
void adamax(const OptimizerNumbers& n, const Values& gradient, OptimizerState<double>& state);
void nadam(const OptimizerNumbers& n, const Values& gradient, OptimizerState<double>& state);
void ftrl(const OptimizerNumbers& n, const Values& gradient, OptimizerState<double>& state);
void scheduleFree(const OptimizerNumbers& n, const Values& gradient, OptimizerState<double>& state);
void lamb(const OptimizerNumbers& n, const Values& gradient, OptimizerState<double>& state);
/// Slots: means of rows, of columns, and the velocity.
void adafactor(const OptimizerNumbers& n, const Values& gradient, OptimizerState<double>& state);
void muon(const OptimizerNumbers& n, const Values& gradient, OptimizerState<double>& state);

} // namespace reference
