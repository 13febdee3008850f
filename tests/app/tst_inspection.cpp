#include "tests/support/app/window_fixture.h"
#include "tests/support/text_graph.h"

#include "app/inspection/layer_inspection.h"
#include "widgets/images/feature_map_view.h"
#include "widgets/images/filter_view.h"

#include <QSignalSpy>
#include <QTest>

using app::ActionId;
using app::Workspace;
using tests::digitsProject;
using tests::WindowFixture;

/// Looking inside: for the chosen image, of the selected layer, with the present weights.
class InspectionTest : public QObject {
    Q_OBJECT

private slots:
    void untrainedNetworkShowsItsSeededWeights();
    void selectionChangesTheLayer();
    void brokenNetworkSaysWhatToDo();
    void strangeWeightsAreCarriedOverWhereTheyFit();
    void hugeUntrainedNetworkIsNotMadeForLooking();
    void pictureOfAnySizeIsFitted();
    void nothingIsComputedWhileNobodyLooks();
    void viewsThatWereHiddenShowTheNewNetwork();
    void viewsMoveWhileTraining();
    void sampleFollowsTheClass();
};

namespace {

constexpr int kPatience = 20'000;

app::InspectionRequest requestFor(const std::string& text, const std::string& layer) {
    app::InspectionRequest request;
    request.graph = std::make_shared<const nn::Graph>(tests::graph(text));
    request.inference = std::make_shared<const nn::Inference>(nn::infer(*request.graph));
    request.layer = tests::node(*request.graph, layer);
    nn::data::Image image{{8, 8, 1}, std::vector<std::uint8_t>(64)};
    for (std::size_t i = 0; i < image.pixels.size(); ++i) {
        image.pixels[i] = static_cast<std::uint8_t>(4 * i);
    }
    request.image = image;
    request.strips = 6;
    return request;
}

constexpr const char* kSmall = "8x8x1 -> Conv2D(4) -> Flatten -> Dense(3, activation=softmax)";

} // namespace

void InspectionTest::untrainedNetworkShowsItsSeededWeights() {
    app::Inspector inspector;
    app::InspectionRequest request = requestFor(kSmall, "conv2d");
    request.seed = 1;
    const app::Inspection first = inspector.inspect(request);
    QVERIFY2(first.error.isEmpty(), qPrintable(first.error));
    QVERIFY(first.kernel);
    QCOMPARE(first.kernel->shape(), (nn::Shape{3, 3, 1, 4}));
    QVERIFY(first.maps);
    QCOMPARE(first.maps->shape(), (nn::Shape{6, 6, 4}));
    QCOMPARE(first.probabilities.size(), std::size_t{3});
    QCOMPARE(first.strips.value(request.layer).size(), 4);
    QCOMPARE(first.strips.value(tests::node(*request.graph, "flatten")).size(), 1);
    app::Inspector other;
    QCOMPARE(*other.inspect(request).kernel, *first.kernel);
    request.seed = 2;
    QVERIFY(*inspector.inspect(request).kernel != *first.kernel);
}

void InspectionTest::selectionChangesTheLayer() {
    WindowFixture fixture;
    fixture.session->document.reset(digitsProject(1), {});
    fixture.session->data.load();
    fixture.trigger(ActionId::Inspect);
    const nn::Graph& graph = fixture.session->document.graph();
    for (const char* name : {"flatten", "conv2d", "dense"}) {
        fixture.session->selection.set({tests::node(graph, name)});
        QTRY_COMPARE_WITH_TIMEOUT(fixture.session->inspection.last().layerName, QString(name),
                                  kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(fixture.session->inspection.last().maps, kPatience);
    }
}

void InspectionTest::brokenNetworkSaysWhatToDo() {
    app::Inspector inspector;
    const app::Inspection seen = inspector.inspect(
        requestFor("8x8x1 -> Conv2D(4, kernel_size=20) -> Flatten -> Dense(3)", "conv2d"));
    QVERIFY(!seen.error.isEmpty());
    QVERIFY(!seen.maps);
}

void InspectionTest::strangeWeightsAreCarriedOverWhereTheyFit() {
    app::Inspector inspector;
    app::InspectionRequest request = requestFor(kSmall, "conv2d");
    nn::Weights weights =
        nn::initialWeights(nn::variablesOf(*request.graph, *request.inference), 77);
    const nn::Tensor kernel = *weights.find(request.layer, "kernel");
    request.weights = std::make_shared<const nn::Weights>(std::move(weights));
    const auto wider = nn::apply(*request.graph, nn::SetParam{tests::node(*request.graph, "dense"),
                                                              "units", std::int64_t{5}});
    QVERIFY(wider);
    request.graph = std::make_shared<const nn::Graph>(*wider);
    request.inference = std::make_shared<const nn::Inference>(nn::infer(*wider));
    const app::Inspection seen = inspector.inspect(request);
    QVERIFY2(seen.error.isEmpty(), qPrintable(seen.error));
    QCOMPARE(*seen.kernel, kernel);
    QCOMPARE(seen.probabilities.size(), std::size_t{5});
}

void InspectionTest::hugeUntrainedNetworkIsNotMadeForLooking() {
    app::Inspector inspector;
    const app::Inspection seen =
        inspector.inspect(requestFor("256x256x3 -> Flatten -> Dense(1024)", "dense"));
    QVERIFY2(seen.error.contains("201"), qPrintable(seen.error));
}

void InspectionTest::pictureOfAnySizeIsFitted() {
    app::Inspector inspector;
    app::InspectionRequest request = requestFor(kSmall, "conv2d");
    request.image = nn::data::Image{{50, 20, 3}, std::vector<std::uint8_t>(3000, 128)};
    const app::Inspection seen = inspector.inspect(request);
    QCOMPARE(seen.input.size(), QSize(8, 8));
    QVERIFY(seen.maps);
}

void InspectionTest::nothingIsComputedWhileNobodyLooks() {
    WindowFixture fixture;
    fixture.session->document.reset(digitsProject(1), {});
    fixture.trigger(ActionId::Inspect);
    fixture.trigger(ActionId::Data);
    QTRY_COMPARE_WITH_TIMEOUT(fixture.session->data.state(), app::DataStore::State::Empty, 1000);
    QSignalSpy looks(&fixture.session->inspection, &app::InspectionController::inspected);
    // Looks begun before the page was left may still end, late on a busy machine. There was no
    // image for them, so they have no maps.
    while (looks.wait(300)) {
    }
    QVERIFY(!fixture.session->inspection.last().maps);
    fixture.session->data.load();
    QTRY_COMPARE_WITH_TIMEOUT(fixture.session->data.state(), app::DataStore::State::Ready,
                              kPatience);
    static_cast<void>(looks.wait(200));
    QVERIFY(!fixture.session->inspection.last().maps);
    fixture.trigger(ActionId::Inspect);
    QTRY_VERIFY_WITH_TIMEOUT(fixture.session->inspection.last().maps, kPatience);
}

// Train went on showing the maps of the network that was open before.
void InspectionTest::viewsThatWereHiddenShowTheNewNetwork() {
    WindowFixture fixture;
    fixture.session->document.reset(digitsProject(1), {});
    fixture.session->data.load();
    fixture.trigger(ActionId::Train);
    const QWidget* page = fixture.window->page(Workspace::Train);
    const auto* maps = page->findChild<widgets::FeatureMapView*>("featureMaps");
    QTRY_VERIFY_WITH_TIMEOUT(!maps->isEmpty(), kPatience);
    fixture.trigger(ActionId::Design);
    fixture.session->document.reset({}, {});
    QTRY_VERIFY_WITH_TIMEOUT(!fixture.session->inspection.last().error.isEmpty(), kPatience);
    fixture.trigger(ActionId::Train);
    QVERIFY(maps->isEmpty());
    QVERIFY(page->findChild<widgets::FilterView*>("filters")->isEmpty());
}

void InspectionTest::viewsMoveWhileTraining() {
    WindowFixture fixture;
    fixture.session->document.reset(digitsProject(100'000), {});
    fixture.session->data.load();
    fixture.trigger(ActionId::StartTraining);
    QTRY_VERIFY_WITH_TIMEOUT(fixture.session->inspection.last().kernel, kPatience);
    const nn::Tensor before = *fixture.session->inspection.last().kernel;
    QTRY_VERIFY_WITH_TIMEOUT(*fixture.session->inspection.last().kernel != before, kPatience);
    fixture.trigger(ActionId::StopTraining);
    QTRY_VERIFY_WITH_TIMEOUT(!fixture.session->training.isActive(), kPatience);
    const nn::NodeId conv = tests::node(fixture.session->document.graph(), "conv2d");
    const auto weights = fixture.session->document.project().weights;
    QTRY_COMPARE_WITH_TIMEOUT(*fixture.session->inspection.last().kernel,
                              *weights->find(conv, "kernel"), kPatience);
}

void InspectionTest::sampleFollowsTheClass() {
    WindowFixture fixture;
    fixture.session->document.reset(digitsProject(1), {});
    fixture.session->data.load();
    QTRY_COMPARE_WITH_TIMEOUT(fixture.session->data.state(), app::DataStore::State::Ready,
                              kPatience);
    app::InspectionController& inspection = fixture.session->inspection;
    for (const int label : {7, 3}) {
        inspection.setSampleClass(label);
        QCOMPARE(inspection.sampleClass(), label);
        QVERIFY(inspection.sampleCaption().contains(QString::number(label)));
    }
    app::SampleChoice beyond;
    beyond.index = 1'000'000;
    inspection.setSample(beyond);
    QCOMPARE(inspection.sample().index, inspection.sampleCount() - 1);
}

QTEST_MAIN(InspectionTest)
#include "tst_inspection.moc"
