#include "app/inspection/random_preview.h"
#include "tests/support/app/window_fixture.h"

#include "nn/model/registry.h"

#include "widgets/images/tile_grid.h"

#include <QPushButton>
#include <QTest>
#include <algorithm>

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

    void everyAugmentationIsShownOnGreyAndColourImages() {
        int shown = 0;
        int refusingGrey = 0; // layers that change colours
        for (const nn::LayerDef& def : nn::layerDefs()) {
            const bool isRandom = def.randomWhenTraining && !def.mixesBatch && def.arity.max == 1;
            if (def.category != nn::Category::Augmentation || !isRandom) {
                continue;
            }
            ++shown;
            for (const std::int64_t channels : {1, 3}) {
                nn::Tensor image(nn::Shape{12, 10, channels});
                float next = 0.0F;
                for (float& value : image.values()) {
                    value = next = next > 0.9F ? 0.0F : next + 0.07F;
                }
                nn::Node node{.id = 1, .type = def.type, .name = "layer"};
                if (nn::findSpec(def.params, "value_range") != nullptr) {
                    node.params["value_range"] = std::vector<double>{0.0, 1.0};
                }
                for (const char* side : {"height", "width"}) {
                    if (nn::findSpec(def.params, side) != nullptr) {
                        node.params[side] = std::int64_t{6};
                    }
                }
                // By default these change nothing.
                for (const char* factor : {"x_factor", "brightness_factor", "threshold_factor"}) {
                    if (nn::findSpec(def.params, factor) != nullptr) {
                        node.params[factor] = std::vector<double>{0.5};
                    }
                }
                const auto variants = app::randomVariants(node, image, 12);
                if (channels == 1 && variants.empty()) {
                    ++refusingGrey;
                    continue;
                }
                QVERIFY2(variants.size() == 12, def.type.c_str());
                const bool isChanged = std::ranges::any_of(
                    variants, [&](const nn::Tensor& variant) { return variant != image; });
                QVERIFY2(isChanged, def.type.c_str());
                for (const nn::Tensor& variant : variants) {
                    for (const float value : variant.values()) {
                        QVERIFY2(value >= 0.0F && value <= 1.0F, def.type.c_str());
                    }
                }
            }
        }
        QVERIFY(shown >= 11);
        QVERIFY2(refusingGrey <= 8, qPrintable(QString::number(refusingGrey)));
    }

    void aRangeOfBytesIsRepairedWithOneClick() {
        tests::WindowFixture fixture;
        nn::Project project = tests::digitsProject(1);
        nn::Graph graph = *project.graph;
        nn::Node bright{.id = graph.nextId++, .type = "RandomBrightness", .name = "bright"};
        graph.nodes.push_back(bright);
        project.graph = std::make_shared<const nn::Graph>(graph);
        fixture.session->document.reset(std::move(project), {});
        fixture.session->data.load();
        QTRY_COMPARE(fixture.session->data.state(), app::DataStore::State::Ready);
        fixture.session->selection.set({bright.id});
        auto* preview = fixture.window->findChild<app::RandomPreview*>();
        QTRY_VERIFY(!preview->isHidden());
        auto* repair = preview->findChild<QPushButton*>("range-repair");
        QVERIFY(repair->isVisibleTo(preview));
        repair->click();
        const nn::Node* node = nn::findNode(fixture.session->document.graph(), bright.id);
        QCOMPARE(node->params.at("value_range"), (nn::ParamValue(std::vector<double>{0.0, 1.0})));
        QVERIFY(!repair->isVisibleTo(preview));
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
        QTRY_VERIFY(!preview->isHidden());
        QVERIFY(preview->findChild<widgets::TileGrid*>()->count() > 4);
        fixture.session->selection.set({graph.nodes.front().id});
        QVERIFY(preview->isHidden());
    }
};

QTEST_MAIN(RandomPreviewTest)
#include "tst_random_preview.moc"
