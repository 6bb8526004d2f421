// Checks objects of Gateway API and Istio, a JSON array on the standard input, against the schemas of their kinds.
// A line for each; exit code 1 if one is not as its schema wants it.
import { readFileSync } from "node:fs";

const PACKAGES = {
  "gateway.networking.k8s.io": "gateway-api",
  "networking.istio.io": "istio",
};

async function complaint(object) {
  const [group, version] = object.apiVersion.split("/");
  const module = await import(`@kubernetes-models/${PACKAGES[group]}/${group}/${version}/${object.kind}`);
  try {
    new module[object.kind](object).validate();
    return null;
  } catch (error) {
    return error.message;
  }
}

let failed = 0;
for (const object of JSON.parse(readFileSync(0, "utf8"))) {
  const why = await complaint(object);
  failed += why === null ? 0 : 1;
  console.log(`${why === null ? "ok" : "FAILED"} ${object.kind} ${object.metadata.name}${why === null ? "" : `: ${why}`}`);
}
// A schema that takes anything would check nothing.
const planted = { apiVersion: "networking.istio.io/v1", kind: "DestinationRule", metadata: { name: "planted" }, spec: { host: 1 } };
if ((await complaint(planted)) === null) {
  failed += 1;
  console.log("FAILED a mistake that was planted went unseen");
}
process.exit(failed === 0 ? 0 : 1);
