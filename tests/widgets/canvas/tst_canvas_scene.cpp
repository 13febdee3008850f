#include "widgets/canvas/canvas_scene.h"

#include "tests/support/widgets/network_of.h"

#include <QTest>

// g++ 12 takes members of a temporary std::variant for uninitialized when it is compared.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

using namespace widgets;
using testing::networkOf;

namespace {

/// What a card says, without versions.
QString said(const Card& card) {
    return QStringLiteral("%1 | %2 | %3 | %4 ports, %5 high, %6 elements")
        .arg(card.sentence(), card.shape, card.params)
        .arg(card.ports)
        .arg(card.rect.height())
        .arg(card.elements.value_or(-1));
}

/// An edited network, inferred from what was known before.
NetworkValues edited(const NetworkValues& before, const nn::Edit& edit) {
    NetworkValues next;
    next.graph = std::make_shared<const nn::Graph>(nn::apply(*before.graph, edit).value());
    next.inference = std::make_shared<const nn::Inference>(
        nn::infer(*next.graph, before.inference.get(), before.graph.get()));
    return next;
}

nn::Edit inputShape(const NetworkValues& network, std::vector<std::int64_t> shape) {
    return nn::SetParam{testing::idOf(network, "input_layer"), "shape", std::move(shape)};
}

} // namespace

/// Cards that follow edits: those kept from before say the same as cards made anew.
class CanvasSceneTest : public QObject {
    Q_OBJECT

private slots:
    void keptCardsSayWhatNewOnesWould_data() {
        QTest::addColumn<QList<int>>("sides");
        QTest::newRow("another size") << QList<int>{28, 32};
        QTest::newRow("too small and back") << QList<int>{28, 2, 30};
        QTest::newRow("the same") << QList<int>{28, 28};
    }

    void keptCardsSayWhatNewOnesWould() {
        QFETCH(QList<int>, sides);
        NetworkValues network = networkOf(
            "28x28x1 -> Conv2D(8, kernel_size=5) -> a: MaxPooling2D -> ReLU -> b: Dense(4); "
            "[a, b] -> Flatten -> Dense(10)");
        CanvasScene scene;
        scene.setNetwork(network, {});
        for (const int side : std::as_const(sides)) {
            network = edited(network, inputShape(network, {side, side, 1}));
            scene.setNetwork(network, scene.positions());
            CanvasScene fresh;
            fresh.setNetwork(network, scene.positions());
            for (std::size_t i = 0; i < fresh.cards().size(); ++i) {
                QCOMPARE(said(scene.cards()[i]), said(fresh.cards()[i]));
            }
            for (std::size_t i = 0; i < fresh.wires().size(); ++i) {
                QCOMPARE(scene.wires()[i].label, fresh.wires()[i].label);
                QCOMPARE(scene.wires()[i].width, fresh.wires()[i].width);
            }
        }
    }

    void cardsWithANewShapeAreDrawnAnew() {
        const NetworkValues network = networkOf("28x28x1 -> Conv2D(8) -> GlobalAveragePooling2D");
        CanvasScene scene;
        scene.setNetwork(network, {});
        const std::vector<Card> before = scene.cards();
        scene.setNetwork(edited(network, inputShape(network, {32, 32, 1})), scene.positions());
        for (std::size_t i = 0; i < before.size(); ++i) {
            QVERIFY(scene.cards()[i].version > before[i].version);
            // Its pictures are still those of the last run.
            QCOMPARE(scene.cards()[i].stripVersion, before[i].stripVersion);
        }
    }
};

QTEST_GUILESS_MAIN(CanvasSceneTest)
#include "tst_canvas_scene.moc"
