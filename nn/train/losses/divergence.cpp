#include "nn/train/losses/define_loss.h"
#include "nn/train/losses/pointwise_loss.h"

#include <algorithm>
#include <cmath>

namespace nn {
namespace {

/// t·log(t/y), both kept inside [1e-7, 1].
struct DivergenceTerm {
    static double inside(double x) { return std::clamp(x, kLossEpsilon, 1.0); }
    static double value(double y, double t) { return inside(t) * std::log(inside(t) / inside(y)); }
    static double slope(double y, double t) {
        return y >= kLossEpsilon && y <= 1.0 ? -inside(t) / y : 0.0;
    }
};

/// y − t·log y, the negative logarithm of Poisson's probability but for a constant.
struct PoissonTerm {
    static double value(double y, double t) { return y - t * std::log(y + kLossEpsilon); }
    static double slope(double y, double t) { return 1.0 - t / (y + kLossEpsilon); }
};

} // namespace

std::vector<LossDef> divergenceLosses() {
    return {DefineLoss<LossOptions>("kl_divergence", "KLDivergence", "Kullback–Leibler divergence")
                .aliases({"kld", "KLD", "kullback_leibler_divergence"})
                .family(LossFamily::Classes)
                .help("How far the distribution the network gives is from the one wanted. For "
                      "targets that are distributions themselves, as in distillation.")
                .terms([](const LossOptions&) {
                    return pointwise<RowReduction::Sum>(DivergenceTerm{});
                }),
            DefineLoss<LossOptions>("poisson", "Poisson", "Poisson")
                .help("For counting: outputs are expected numbers of events (positive, for "
                      "instance by an exponential or softplus activation).")
                .terms([](const LossOptions&) { return pointwise(PoissonTerm{}); })};
}

} // namespace nn
