"""Every combination renders, keeps the rules, and is what its golden rendering says.

XXT_UPDATE_GOLDEN=1 writes the golden renderings anew: read what git shows of them before you commit it. Full ones are of
what differs most; the others are told by how they differ from one of these.
"""

import difflib
import os
import re
import textwrap
import unittest

import render
import rules

GOLDEN = render.ROOT / "deploy/tests/golden"
PLAYBOOK = render.ROOT / "docs/operations/playbook.md"
# A combination, and of which one it is told.
TOLD_OF = {"minimal": None, "dev": None, "production": None, "closed": "dev", "staging": "production", "everything": "production"}


def told(combination):
    """Returns the name and the text of a golden rendering."""
    text, other = render.rendered(combination), TOLD_OF[combination]
    if other is None:
        return f"{combination}.yaml", text
    lines = difflib.unified_diff(render.rendered(other).splitlines(keepends=True), text.splitlines(keepends=True),
                                 f"{other}.yaml", f"{combination}.yaml", n=1)
    return f"{combination}.diff", "".join(lines)


class Combinations(unittest.TestCase):
    maxDiff = 8000

    def test_are_all_told(self):
        self.assertEqual(set(TOLD_OF), set(render.COMBINATIONS))

    def test_keep_the_rules(self):
        for combination in render.COMBINATIONS:
            with self.subTest(combination):
                self.assertEqual(rules.judge(render.manifests(combination)), {})

    def test_are_what_the_golden_renderings_say(self):
        for combination in render.COMBINATIONS:
            with self.subTest(combination):
                name, text = told(combination)
                if os.environ.get("XXT_UPDATE_GOLDEN") == "1":
                    (GOLDEN / name).write_text(text, encoding="utf-8")
                golden = (GOLDEN / name).read_text(encoding="utf-8")
                self.assertMultiLineEqual(golden, text, "XXT_UPDATE_GOLDEN=1 writes it anew")

    def test_leave_no_golden_rendering_of_what_is_gone(self):
        self.assertEqual({path.name for path in GOLDEN.iterdir()}, {told(combination)[0] for combination in TOLD_OF})


class Restore(unittest.TestCase):
    def test_of_the_playbook_reads_one_archive_and_writes_another(self):
        said, = re.findall(r"^   ```yaml\n(.*?)^   ```$", PLAYBOOK.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        folder = render.tree() / "overlays/restored"
        folder.mkdir()
        (folder / "kustomization.yaml").write_text("resources: [../production]\n" + textwrap.dedent(said), encoding="utf-8")
        drill = (render.tree() / "components/backup/cluster.yaml").read_text(encoding="utf-8")
        (folder / "cluster.yaml").write_text(drill.replace("serverName: postgres", "serverName: postgres-2"), encoding="utf-8")
        manifests = rules.Manifests(render.objects(render.kustomized(folder)))
        self.assertEqual(rules.judge(manifests), {})
        clusters = {made["metadata"]["name"]: made["spec"] for made in manifests.of("Cluster")}
        archive = {name: [one["plugin"]["parameters"]["serverName"] for one in spec["externalClusters"]] for name, spec in clusters.items()}
        self.assertEqual(archive, {"postgres": ["postgres"], "restore-drill": ["postgres-2"]})
        self.assertEqual(clusters["postgres"]["bootstrap"], {"recovery": {"source": "postgres"}})
        self.assertEqual(clusters["postgres"]["plugins"], [{
            "name": "barman-cloud.cloudnative-pg.io", "isWALArchiver": True,
            "parameters": {"barmanObjectName": "backups", "serverName": "postgres-2"}}])


if __name__ == "__main__":
    unittest.main()
