#include "app/inspection/random_preview.h"
#include "tests/support/app/window_fixture.h"

#include "widgets/images/tile_grid.h"

#include <QTest>

namespace {

nn::Tensor grey() {
    nn::Tensor image(nn::Shape{8, 8, 1});
    for (float& value : image.values()) {
        value = 0.5F;
    }
    return image;
}

} // namespace

class RandomPreviewTest : public QObject {
    Q_OBJECT

private slots:
    void everyVariantIsAnother() {
        const nn::Node dropout{
            .id = 1, .type = "Dropout", .name = "dropout", .params = {{"rate", 0.5}}};
        const std::vector<nn::Tensor> variants = app::randomVariants(dropout, grey(), 3);
        QCOMPARE(variants.size(), std::size_t(3));
        QVERIFY(variants[0] != variants[1]);
        QVERIFY(variants[1] != variants[2]);
        QCOMPARE(app::randomVariants(dropout, grey(), 3), variants);
    }

    void layersThatAreNotRandomHaveNone() {
        const nn::Node flatten{.id = 1, .type = "Flatten", .name = "flatten"};
        QVERIFY(app::randomVariants(flatten, grey(), 3).empty());
    }

    void isShownForTheSelectedRandomLayerOnly() {
        tests::WindowFixture fixture;
        nn::Project project = tests::digitsProject(1);
        nn::Graph graph = *project.graph;
        nn::Node dropout{
            .id = graph.nextId++, .type = "Dropout", .name = "dropout", .params = {{"rate", 0.5}}};
        const nn::NodeId id = dropout.id;
        graph.nodes.push_back(dropout);
        project.graph = std::make_shared<const nn::Graph>(graph);
        fixture.session->document.reset(std::move(project), {});
        fixture.session->data.load();
        QTRY_COMPARE(fixture.session->data.state(), app::DataStore::State::Ready);
        auto* preview = fixture.window->findChild<app::RandomPreview*>();
        QVERIFY(preview->isHidden());
        fixture.session->selection.set({id});
        QVERIFY(!preview->isHidden());
        QVERIFY(preview->findChild<widgets::TileGrid*>()->count() > 4);
        fixture.session->selection.set({graph.nodes.front().id});
        QVERIFY(preview->isHidden());
    }
};

QTEST_MAIN(RandomPreviewTest)
#include "tst_random_preview.moc"
