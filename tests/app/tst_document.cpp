#include "app/document.h"

#include "tests/support/text_graph.h"

#include <QSignalSpy>
#include <QTest>
#include <random>

using app::Document;
using app::ProjectPart;
using app::ProjectParts;

/// The project with every step back and forth.
class DocumentTest : public QObject {
    Q_OBJECT

private slots:
    void editIsOneStepWithItsName();
    void refusedEditChangesNothing();
    void previewMakesNoStepUntilCommitted();
    void rollbackRestoresTheValueBeforeThePreview();
    void stepsWithOneKeyBecomeOne();
    void removedLayerLosesItsPositionAndUndoRestoresIt();
    void weightsStayThroughEditsAndUndo();
    void savedValueIsCleanAlsoAfterUndoAndRedo();
    void anEditWhileSavingStaysUnsaved();
    void undoAllAndRedoAllOfRandomStepsGiveEqualProjects();
};

namespace {

nn::Project startProject() {
    nn::Project project;
    project.graph = std::make_shared<const nn::Graph>(
        tests::graph("28x28x1 -> Conv2D(8) -> Flatten -> Dense(10)"));
    for (const nn::Node& node : project.graph->nodes) {
        project.positions[node.id] = {10.0 * static_cast<double>(node.id), 5.0};
    }
    return project;
}

bool equal(const nn::Project& a, const nn::Project& b) {
    return app::differences(a, b) == ProjectParts();
}

nn::Edit setFilters(const Document& document, std::int64_t filters) {
    return nn::SetParam{tests::node(document.graph(), "conv2d"), "filters", filters};
}

/// One random thing a user does; may be refused.
void takeRandomStep(Document& document, std::mt19937& random) {
    const nn::Graph& graph = document.graph();
    const auto pick = [&random](std::size_t count) {
        return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
    };
    const nn::NodeId id = graph.nodes.empty() ? 1 : graph.nodes[pick(graph.nodes.size())].id;
    const double at = static_cast<double>(pick(500));
    std::vector<nn::Edit> edits;
    app::Positions positions;
    switch (pick(8)) {
    case 0:
        edits = {nn::AddNode{"Conv2D", {}, {}, true}, nn::Connect{id, graph.nextId, 0}};
        positions[graph.nextId] = {at, at};
        break;
    case 1:
        edits = {nn::BypassNode{id}};
        break;
    case 2:
        edits = {nn::RemoveNode{id}};
        break;
    case 3:
        edits = {nn::SetParam{id, "filters", static_cast<std::int64_t>(1 + pick(64))}};
        break;
    case 4:
        positions[id] = {at, -at};
        break;
    case 5: {
        nn::Project next = document.project();
        next.training.batchSize = static_cast<std::int64_t>(1 + pick(256));
        document.commit(std::move(next), "batch size", pick(2) == 0 ? "batch" : "");
        return;
    }
    case 6: {
        nn::Project next = document.project();
        next.positions[id] = {at, at};
        document.preview(next);
        if (pick(2) == 0) {
            document.commitPreview("move");
        } else {
            document.rollbackPreview();
        }
        return;
    }
    default: {
        nn::Project next = document.project();
        next.weights = std::make_shared<const nn::Weights>();
        document.commit(std::move(next), "train");
        return;
    }
    }
    [[maybe_unused]] const auto done = document.apply(edits, positions, "step");
}

} // namespace

void DocumentTest::editIsOneStepWithItsName() {
    Document document;
    document.reset(startProject(), {});
    const nn::Project before = document.project();
    QSignalSpy changes(&document, &Document::projectChanged);
    const std::vector<nn::Edit> edits{setFilters(document, 16)};
    QVERIFY(document.apply(edits, {}, "Set filters"));
    QCOMPARE(document.undoStack().count(), 1);
    QCOMPARE(document.undoStack().undoText(), QString("Set filters"));
    QCOMPARE(changes.count(), 1);
    QCOMPARE(changes.front().front().value<ProjectParts>(), ProjectParts(ProjectPart::Graph));
    QVERIFY(document.isModified());
    document.undoStack().undo();
    QVERIFY(equal(document.project(), before));
    QVERIFY(!document.isModified());
}

void DocumentTest::refusedEditChangesNothing() {
    Document document;
    document.reset(startProject(), {});
    const nn::Project before = document.project();
    const std::vector<nn::Edit> edits{setFilters(document, 16), setFilters(document, 0)};
    const auto done = document.apply(edits, {}, "Set filters");
    QVERIFY(!done);
    QVERIFY(QString::fromStdString(done.error().message).contains("filters"));
    QVERIFY(equal(document.project(), before));
    QCOMPARE(document.undoStack().count(), 0);
}

void DocumentTest::previewMakesNoStepUntilCommitted() {
    Document document;
    document.reset(startProject(), {});
    const nn::Project before = document.project();
    for (const std::int64_t filters : {9, 10, 11}) {
        QVERIFY(document.preview(std::vector<nn::Edit>{setFilters(document, filters)}, {}));
    }
    QCOMPARE(document.undoStack().count(), 0);
    QVERIFY(equal(document.settled(), before));
    document.commitPreview("Set filters");
    QCOMPARE(document.undoStack().count(), 1);
    const nn::Node* node = nn::findNode(document.graph(), "conv2d");
    QCOMPARE(std::get<std::int64_t>(node->params.at("filters")), 11);
    document.undoStack().undo();
    QVERIFY(equal(document.project(), before));
}

void DocumentTest::rollbackRestoresTheValueBeforeThePreview() {
    Document document;
    document.reset(startProject(), {});
    const nn::Project before = document.project();
    QVERIFY(document.preview(std::vector<nn::Edit>{setFilters(document, 64)}, {}));
    QVERIFY(!equal(document.project(), before));
    document.rollbackPreview();
    QVERIFY(equal(document.project(), before));
    QVERIFY(!document.isModified());
}

void DocumentTest::stepsWithOneKeyBecomeOne() {
    Document document;
    document.reset(startProject(), {});
    for (const std::int64_t size : {33, 34, 35}) {
        nn::Project next = document.project();
        next.training.batchSize = size;
        document.commit(std::move(next), "Set batch_size", "training/batch_size");
    }
    QCOMPARE(document.undoStack().count(), 1);
    document.undoStack().undo();
    QCOMPARE(document.project().training.batchSize, 32);
    document.undoStack().redo();
    QCOMPARE(document.project().training.batchSize, 35);
}

void DocumentTest::removedLayerLosesItsPositionAndUndoRestoresIt() {
    Document document;
    document.reset(startProject(), {});
    const nn::NodeId id = tests::node(document.graph(), "flatten");
    QVERIFY(document.apply(std::vector<nn::Edit>{nn::RemoveNode{id}}, {}, "Remove"));
    QVERIFY(!document.project().positions.contains(id));
    document.undoStack().undo();
    QVERIFY(document.project().positions.contains(id));
}

void DocumentTest::weightsStayThroughEditsAndUndo() {
    Document document;
    nn::Project project = startProject();
    project.weights = std::make_shared<const nn::Weights>();
    const auto weights = project.weights;
    document.reset(std::move(project), {});
    QVERIFY(document.apply(std::vector<nn::Edit>{setFilters(document, 16)}, {}, "Set filters"));
    QCOMPARE(document.project().weights, weights);
    document.undoStack().undo();
    QCOMPARE(document.project().weights, weights);
}

void DocumentTest::savedValueIsCleanAlsoAfterUndoAndRedo() {
    Document document;
    document.reset(startProject(), {});
    QVERIFY(document.apply(std::vector<nn::Edit>{setFilters(document, 16)}, {}, "Set filters"));
    document.setSaved(document.snapshot(), "/tmp/a.receptive");
    QVERIFY(!document.isModified());
    QCOMPARE(document.displayName(), QString("a"));
    document.undoStack().undo();
    QVERIFY(document.isModified());
    document.undoStack().redo();
    QVERIFY(!document.isModified());
}

void DocumentTest::anEditWhileSavingStaysUnsaved() {
    Document document;
    document.reset(startProject(), {});
    QVERIFY(document.apply(std::vector<nn::Edit>{setFilters(document, 16)}, {}, "Set filters"));
    const auto written = document.snapshot();
    QVERIFY(document.apply(std::vector<nn::Edit>{setFilters(document, 17)}, {}, "Set filters"));
    document.setSaved(written, "/tmp/a.receptive");
    QVERIFY(document.isModified());
    document.undoStack().undo();
    QVERIFY(!document.isModified());
}

void DocumentTest::undoAllAndRedoAllOfRandomStepsGiveEqualProjects() {
    constexpr int kSequences = 200;
    constexpr int kSteps = 40;
    int stepsMade = 0;
    for (int sequence = 0; sequence < kSequences; ++sequence) {
        std::mt19937 random(static_cast<unsigned>(sequence));
        Document document;
        document.reset(startProject(), {});
        const nn::Project start = document.project();
        for (int step = 0; step < kSteps; ++step) {
            takeRandomStep(document, random);
        }
        const nn::Project end = document.project();
        QUndoStack& stack = document.undoStack();
        stepsMade += stack.count();
        while (stack.canUndo()) {
            stack.undo();
        }
        QVERIFY2(equal(document.project(), start), qPrintable(QString::number(sequence)));
        QVERIFY(document.inference().isRunnable());
        while (stack.canRedo()) {
            stack.redo();
        }
        QVERIFY2(equal(document.project(), end), qPrintable(QString::number(sequence)));
    }
    QVERIFY(stepsMade > kSequences * kSteps / 4);
}

QTEST_GUILESS_MAIN(DocumentTest)
#include "tst_document.moc"
