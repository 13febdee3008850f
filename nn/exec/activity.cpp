#include "nn/exec/activity.h"

namespace nn {
namespace {

class ActivityKernel final : public Kernel {
public:
    ActivityKernel(std::shared_ptr<const Kernel> inner,
                   std::shared_ptr<const Regularizer> regularizer, Shape output)
        : m_inner(std::move(inner)), m_regularizer(std::move(regularizer)),
          m_output(std::move(output)) {}

    [[nodiscard]] KernelMemory memory(std::int64_t batch, Phase phase) const override {
        return m_inner->memory(batch, phase);
    }
    void forward(const ForwardArgs& args) const override { m_inner->forward(args); }
    void backward(const BackwardArgs& args) const override {
        m_regularizer->addGradient(*args.parallel, m_output.withBatch(args.batch), args.output,
                                   args.outputGradient, share(args.batch));
        m_inner->backward(args);
    }
    [[nodiscard]] double penalty(const ForwardArgs& args) const override {
        const Shape shape = m_output.withBatch(args.batch);
        return m_inner->penalty(args) +
               share(args.batch) * m_regularizer->value(*args.parallel, shape, args.output);
    }
    [[nodiscard]] bool backwardReadsInputs() const override {
        return m_inner->backwardReadsInputs();
    }
    [[nodiscard]] bool runsInPlace() const override { return m_inner->runsInPlace(); }

private:
    /// Keras divides the penalty on a batch by its size.
    static double share(std::int64_t batch) { return 1.0 / static_cast<double>(batch); }

    std::shared_ptr<const Kernel> m_inner;
    std::shared_ptr<const Regularizer> m_regularizer;
    Shape m_output;
};

} // namespace

std::shared_ptr<const Kernel>
withActivityRegularizer(std::shared_ptr<const Kernel> kernel,
                        std::shared_ptr<const Regularizer> regularizer, const Shape& output) {
    return std::make_shared<ActivityKernel>(std::move(kernel), std::move(regularizer), output);
}

} // namespace nn
