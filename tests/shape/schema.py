"""Checks shipped configs against the schemas in a folder, and devices against docs/sources.md.

  schema.py FOLDER EFFECTIVE...   FOLDER holds scenario.json and device.json, EFFECTIVE is an
                                  effective.json; run from the top of the source
"""
import glob
import json
import os
import re
import sys

from jsonschema import Draft202012Validator as Validator

problems = []


def complain(file, pointer, text):
    problems.append(f"{file}: {pointer}: {text}" if pointer else f"{file}: {text}")


def load(file):
    with open(file, encoding="utf-8") as f:
        return json.load(f)


def pointer_of(error):
    return "".join(f"/{part}" for part in error.absolute_path)


def is_valid(validator, file):
    return next(validator.iter_errors(load(file)), None) is None


def check_shipped(scenario, device, effective):
    files = sorted(glob.glob("configs/scenarios/*.json") + glob.glob("tests/golden/*.json"))
    pairs = [(f, scenario) for f in files if "streams" in load(f)]
    pairs += [(f, scenario) for f in effective]
    pairs += [(f, device) for f in sorted(glob.glob("configs/devices/*.json"))]
    if len(pairs) < 8 or len(effective) < 3:
        complain("configs", "", f"only {len(pairs)} files were found to check")
    for file, validator in pairs:
        error = next(validator.iter_errors(load(file)), None)
        if error is not None:
            complain(file, pointer_of(error), error.message[:200])


# Bad ones that a schema can see: those that the program refuses at a key of a block, stream,
# step, route, link or run. (An unknown chain or a missing file it cannot see; nor of which model
# a block of the device is, so that a value may be another model's: pcie_lanes.)
REFUSED = """root_key version_2 name_missing dpu_text dpu_key streams_array run_key run_text
time_without_unit time_wrong_unit rate_bytes_typo count_text count_bound bool_text
enum block_key block_array rules_number device_number chain_empty step_number step_empty
energy_unit energy_bare energy_key energy_text energy_negative energy_role power_key power_unit power_text
stream_null source_missing source_unknown stream_key stream_chain_missing
call_complete call_no_at call_null call_op call_wait copy_number end_number end_word
split_join_0 split_join_word split_key split_null step_name_number step_op
step_op_number ingress_empty ingress_protocol ingress_row_key ingress_row_text
link_delay_negative link_ends_one link_ends_text link_key link_name link_text links_empty
route_from_empty route_from_list route_from_number route_key route_via_object route_via_op
route_via_ratio route_via_text
variants_array variants_key""".split()


def check_refused(scenario):
    for name in REFUSED:
        file = f"tests/invalid/config/{name}/input.json"
        if is_valid(scenario, file):
            complain(file, "", "the schema takes it, the program does not")


def is_number(value):
    if isinstance(value, bool):
        return False
    return isinstance(value, (int, float)) or (
        isinstance(value, str) and re.match(r"-?\d", value) is not None
    )


def check_object(file, at, obj, keys):
    sources = obj.get("sources", {})
    for key, value in obj.items():
        text = sources.get(key)
        if key == "doc" or not is_number(value):
            continue
        if text is None:
            complain(file, f"{at}/{key}", 'has no entry in "sources"')
        elif not text.startswith(("assumed", "derived")) and not keys & set(
            re.findall(r"[A-Za-z0-9:_.-]*[A-Za-z0-9]", text)
        ):
            complain(file, f"{at}/sources/{key}", "names no key of docs/sources.md")
    for key in sources:
        if key not in obj:
            complain(file, f"{at}/sources/{key}", "is the source of nothing")


def check_sources(file, keys):
    device = load(file)
    check_object(file, "/power", device.get("power", {}), keys)
    for name, block in device["blocks"].items():
        check_object(file, f"/blocks/{name}", block, keys)
        check_object(file, f"/blocks/{name}/energy", block.get("energy", {}), keys)


def check_profile(file, keys):
    profile = load(file)
    about = ("dpusim", "name", "revision")
    check_object(file, "", {k: v for k, v in profile.items() if k not in about}, keys)
    check_object(file, "/energy", profile.get("energy", {}), keys)


def main(folder, effective):
    schemas = {w: load(os.path.join(folder, f"{w}.json")) for w in ("scenario", "device")}
    for which, schema in schemas.items():
        if schema.get("$schema") != "https://json-schema.org/draft/2020-12/schema":
            complain(f"schema {which}", "/$schema", "is not that of 2020-12")
        Validator.check_schema(schema)
    check_shipped(Validator(schemas["scenario"]), Validator(schemas["device"]), effective)
    check_refused(Validator(schemas["scenario"]))
    with open("docs/sources.md", encoding="utf-8") as f:
        keys = set(re.findall(r"\[([A-Za-z0-9:_.-]+)\]", f.read()))
    for file in sorted(glob.glob("configs/devices/*.json")):
        check_sources(file, keys)
    for file in sorted(glob.glob("configs/profiles/*.json")):
        check_profile(file, keys)
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


sys.exit(main(sys.argv[1], sys.argv[2:]))
