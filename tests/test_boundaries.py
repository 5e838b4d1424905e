"""The import boundaries: cores know no Django, serving knows no torch, recognition knows no compliance."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PURE = (
    *(f"recognition.{part}" for part in ("types", "pipeline", "stages", "runtime")),
    *(f"compliance.{part}" for part in ("types", "targets", "match", "assess", "kpis")),
)
OWN = ("retail_exec", "recognition", "compliance")
# What Django and its companions are imported as.
WEB = ("django", "rest_framework", "allauth", "celery", "psycopg", "pgvector", "redis")
TORCH = ("torch", "torchvision", "onnxscript")


@dataclass(frozen=True)
class Rule:
    """Modules under `who` must not import anything under `never`, except what is under `except_for`."""

    name: str
    who: tuple[str, ...]
    never: tuple[str, ...]
    except_for: tuple[str, ...] = ()
    who_not: tuple[str, ...] = ()


RULES = [
    Rule("cores know no web framework, queue or database", PURE, (*WEB, "retail_exec")),
    Rule("cores use only cores", PURE, OWN, except_for=PURE),
    Rule("recognition does not know compliance", ("recognition",), ("compliance",)),
    Rule(
        "the compliance core knows of recognition only its types",
        (
            "compliance.types",
            "compliance.targets",
            "compliance.match",
            "compliance.assess",
            "compliance.kpis",
        ),
        ("recognition",),
        except_for=("recognition.types",),
    ),
    Rule(
        "compliance knows results of recognition, not how they come about",
        ("compliance",),
        tuple(f"recognition.{part}" for part in ("pipeline", "stages", "runtime", "training", "tasks")),
    ),
    Rule("only training knows torch", OWN, TORCH, who_not=("recognition.training",)),
    Rule("the renderer knows no torch", ("recognition.training.render",), TORCH),
    Rule("evaluation knows no torch", ("recognition.training.evaluate",), TORCH),
    Rule("training knows no web framework", ("recognition.training",), (*WEB, "retail_exec")),
]


def is_under(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def module_name(path: Path, root: Path = ROOT) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path, root: Path = ROOT) -> Iterator[str]:
    """Every module a file imports, anywhere in it; `from a import b` gives a.b, which may be a module."""
    package = module_name(path, root).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


FILES = {module_name(path): path for name in OWN for path in sorted((ROOT / name).rglob("*.py"))}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_imports_keep_to(rule: Rule) -> None:
    bound = [module for module in FILES if is_under(module, rule.who) and not is_under(module, rule.who_not)]
    for part in rule.who:
        assert any(is_under(module, (part,)) for module in bound), f"{part} has gone: the rule guards nothing"
    broken = [
        f"{module} imports {name}"
        for module in bound
        for name in imports(FILES[module])
        if is_under(name, rule.never) and not is_under(name, rule.except_for)
    ]
    assert broken == []


def test_reads_every_kind_of_import(tmp_path: Path) -> None:
    path = tmp_path / "recognition" / "stages" / "sample.py"
    path.parent.mkdir(parents=True)
    lines = (
        "import a.b",
        "from c import d",
        "from . import e",
        "from ..f import g",
        "if a:\n    from i import j",
    )
    path.write_text("\n".join(lines))
    assert list(imports(path, tmp_path)) == ["a.b", "c.d", "recognition.stages.e", "recognition.f.g", "i.j"]


def test_cores_load_without_django_and_torch() -> None:
    modules = [module for module in FILES if is_under(module, PURE)]
    program = f"import sys, {', '.join(modules)}; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    loaded = done.stdout.split()
    assert "recognition.pipeline" in loaded
    assert [name for name in loaded if is_under(name, (*WEB, *TORCH, "retail_exec"))] == []
