#include "nn/kernels/plane_product.h"

#include "tests/support/kernel_cases.h"

#include <QTest>

#include <array>

using namespace kernel_cases;

namespace {

constexpr double kTolerance = 2e-6;

struct Case {
    nn::PlaneProduct product{};
    std::vector<float> a{}, b{};
    std::vector<double> expected{}; ///< [row][cRow]; NaN is never expected.
};

Case drawnCase(Dice& dice) {
    constexpr std::array<std::ptrdiff_t, 4> distances = {1, 16, 32, 64};
    Case c;
    nn::PlaneProduct& p = c.product;
    p.aRow = distances[static_cast<std::size_t>(dice.number(0, 3))];
    p.rows = dice.number(1, p.aRow == 1 ? 64 : 60);
    p.columns = 16 * dice.number(1, 9);
    p.steps = p.aRow == 1 ? dice.number(1, 100) : p.aRow;
    p.aStep = p.aRow == 1 ? p.rows + dice.number(0, 20) : 1;
    p.blocks = p.aRow == 1 ? 1 : dice.number(1, 3);
    p.aBlock = p.rows * p.aRow + 16 * dice.number(0, 1);
    p.bPanel = p.blocks * p.steps * 16 + 16 * dice.number(0, 1);
    p.cRow = p.columns + 16 * dice.number(0, 2);
    p.add = dice.chance(0.5);
    c.a = dice.values(p.aRow == 1 ? p.steps * p.aStep : p.blocks * p.aBlock);
    c.b = dice.values(p.columns / 16 * p.bPanel);
    // Behind the columns of a row nothing is written.
    c.expected.assign(static_cast<std::size_t>(p.rows * p.cRow), 1.0);
    for (std::int64_t row = 0; row < p.rows; ++row) {
        for (std::int64_t column = 0; column < p.columns; ++column) {
            double sum = p.add ? 1.0 : 0.0;
            for (std::int64_t step = 0; step < p.blocks * p.steps; ++step) {
                const std::int64_t from =
                    step / p.steps * p.aBlock + row * p.aRow + step % p.steps * p.aStep;
                const std::int64_t to = column / 16 * p.bPanel + step * 16 + column % 16;
                sum += static_cast<double>(c.a[static_cast<std::size_t>(from)]) *
                       static_cast<double>(c.b[static_cast<std::size_t>(to)]);
            }
            c.expected[static_cast<std::size_t>(row * p.cRow + column)] = sum;
        }
    }
    return c;
}

} // namespace

/// The products of Winograd's method.
class TestPlaneProduct : public QObject {
    Q_OBJECT
private slots:
    void multiplies();
};

void TestPlaneProduct::multiplies() {
    const std::string failure = failureOfCases(
        1, [](Dice& dice) { return drawnCase(dice); },
        [](const Case& each) {
            std::vector<float> c(each.expected.size(), 1.0F);
            nn::PlaneProduct product = each.product;
            product.a = each.a.data();
            product.b = each.b.data();
            product.c = c.data();
            nn::multiplyPlane(product);
            const double error = relativeError(c, each.expected);
            return error < kTolerance
                       ? std::string()
                       : std::to_string(product.rows) + " rows at " + std::to_string(product.aRow) +
                             ", " + std::to_string(product.blocks) + " blocks of " +
                             std::to_string(product.steps) + " steps, " +
                             std::to_string(product.columns) + " columns: " + std::to_string(error);
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

QTEST_APPLESS_MAIN(TestPlaneProduct)
#include "tst_plane_product.moc"
