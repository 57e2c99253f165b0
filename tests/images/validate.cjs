// Says what the schema of CycloneDX finds wrong with the files it is given, and fails if that is anything.
const fs = require("fs");
const path = require("path");
const modules = path.resolve(__dirname, "../../tools/node_modules");
const { Spec, Validation } = require(path.join(modules, "@cyclonedx/cyclonedx-library"));

(async () => {
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot5);
  for (const file of process.argv.slice(2)) {
    const found = await validator.validate(fs.readFileSync(file, "utf8"));
    if (found === null) continue;
    console.log(file, JSON.stringify(found));
    process.exitCode = 1;
  }
})();
