"""Tables as instruments and colleagues write them: what is understood, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from dirac1d.numerics.tables import read_table

#: name: (text, units, words of the note)
PLAIN = {
    "commas": ("x,U\n0,1\n1,2\n2,4\n", (None, None), "3 rows"),
    "commas and points": ("0.0,1.0\n1.0,2.0\n2.0,4.0\n", (None, None), "commas"),
    "spaces and tabs": ("0 1\n1\t2\n 2   4 \n", (None, None), "spaces"),
    "semicolons": ("0;1\n1; 2\n2 ;4\n", (None, None), "semicolons"),
    "header": ("x (nm), U (meV)\n0,1\n1,2\n2,4\n", ("nm", "meV"), "x in nm, U in meV"),
    "units after a slash": ("x/um\tU/eV\n0\t1\n1\t2\n2\t4\n", ("um", "eV"), "x in um"),
    "units in words": ("x in um;U in eV\n0;1\n1;2\n2;4\n", ("um", "eV"), "U in eV"),
    "units in a second line": ("pos\tpot\nµm\tmeV\n0\t1\n1\t2\n2\t4\n", ("µm", "meV"), "µm"),
    "brackets in a second line": ("x;U\n[um];[eV]\n0;1\n1;2\n2;4\n", ("um", "eV"), "um"),
    "spaces in the header": ("x (nm)   U (meV)\n0 1\n1 2\n2 4\n", ("nm", "meV"), "nm"),
    "simulation export": ("% Model: gate.mph\n% x (um)  U (eV)\n0 1\n1 2\n2 4\n",
                          ("um", "eV"), "U in eV"),
    "free text above": ("measured on Monday\nx,U\n0,1\n1,2\n2,4\n", (None, None), "3 rows"),
    "comments": ("# x, U by hand\n0,1 # lead\n\n1,2\n   # more\n2,4\n", (None, None), "3 rows"),
    "byte order mark": ("\ufeffx,U\n0,1\n1,2\n2,4", (None, None), "3 rows"),
    "windows line ends": ("x,U\r\n0,1\r\n1,2\r\n2,4\r\n", (None, None), "3 rows"),
    "exponents": ("0,1e0\n1.0E+0,2\n2,.4e1\n", (None, None), "3 rows"),
    "fortran": ("0.0D+00 1.0D+00\n1.0D+00 2.0d0\n2.0D0 4.0D+0\n", (None, None), "3 rows"),
    "quotes": ('"x","U"\n"0","1"\n"1","2"\n"2","4"\n', (None, None), "3 rows"),
    "descending": ("2, 4\n1, 2\n0, 1\n", (None, None), "x descending"),
    "names among more": ("index;x;error;U\n1;0;9;1\n2;1;9;2\n3;2;9;4\n", (None, None),
                         "columns 2 and 4 of 4"),
    "decimal commas": ("0,0;1,0\n1,0;2,0\n2,0;4,0\n", (None, None), "decimal comma"),
    "decimal commas and spaces": ("0,0 1,0\n1,0 2,0\n2,0 4,0\n", (None, None), "decimal comma"),
    "decimal commas and tabs": ("0,00\t1,00\n1,00\t2,00\n2,00\t4,00\n", (None, None), "tabs"),
    "delimiter at the end": ("0;1;\n1;2;\n2;4;\n", (None, None), "3 rows"),
    "a space after the comma": ("0, 1\n1, 2\n2, 4\n", (None, None), "commas"),
    "quotes beside the comma": ('"0","1"\n"1","2"\n"2","4"\n', (None, None), "commas"),
    "a comma at the end": ("0,1,\n1,2,\n2,4,\n", (None, None), "commas"),
    "names in the other order": ("U (meV),x (nm)\n1,0\n2,1\n4,2\n", ("nm", "meV"),
                                 "columns 2 and 1 of 2"),
    "no-break spaces": ("0\u00a01\n1\u00a02\n2\u00a04\n", (None, None), "spaces"),
}


@pytest.mark.parametrize(("text", "units", "note"), PLAIN.values(), ids=PLAIN)
def test_reads(text, units, note, tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(text.encode("utf-8"))
    table = read_table(path)
    np.testing.assert_array_equal(table.x, [0, 1, 2])
    np.testing.assert_array_equal(table.U, [1, 2, 4])
    assert table.units == units
    assert note in table.note
    assert "\n" not in table.note


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1252", "utf-8"])
def test_encodings(encoding, tmp_path):
    path = tmp_path / "µ.csv"
    text = "x (µm);U (meV)\n−4,5;0,5\n0;0\n" if encoding != "cp1252" else \
        "x (µm);U (meV)\n-4,5;0,5\n0;0\n"
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    path.write_bytes((mark + text).encode(encoding))
    table = read_table(path)
    np.testing.assert_array_equal(table.x, [-4.5, 0])
    np.testing.assert_array_equal(table.U, [0.5, 0])
    assert table.units == ("µm", "meV")


#: name: (text, words of the error)
REFUSED = {
    "three columns": ("0,1\n1,2,3\n", "line 2"),
    "three columns throughout": ("0,1,9\n1,2,9\n", "line 1.*--columns 1,2"),
    "one column": ("0,1\n1\n", "line 2"),
    "one column throughout": ("0\n1\n", "line 1"),
    "word in the middle": ("x,U\n0,1\none,two\n", "line 3"),
    "nothing": ("", "no rows"),
    "header only": ("x,U\n", "no rows"),
    "not a number": ("0,1\n1,nan\n2,3\n", "line 2.*finite"),
    "repeated x": ("0;1\n0;2\n1;3", "line 2.*increase strictly"),
    "repeated x in units": ("x (um),U\n0.5,1\n0.7,1\n0.6,1\n0.9,1", r"line 4.*x\[2\] = 0\.6"),
    "swapped columns": ("1;0\n3;1\n2;2\n4;3\n", "line 3.*--columns 2,1"),
    "a bad first row is no header": ("-4,-0.5 meV\n0,1\n", "line 1.*-0.5 meV.*--units"),
    "a bad first number": ("4x,1\n5,1\n", "line 1"),
    "one column of decimal commas": ("0,10\n1,25\n", "line 1.*decimal comma"),
    "one column with leading zeros": ("0,05\n1,5\n", "line 1.*decimal comma"),
    "one digit": ("0,1\n1,2\n2,5\n", "line 1.*--decimal .*header"),
    "one digit and a sign": ("-1,1\n0,2\n1,5\n", "line 1.*--decimal"),
    "zeros at the end dropped": ("0,5\n1,25\n2,125\n", "line 1.*--decimal"),
    "one number in quotes": ('"0,1"\n"1,2"\n', "line 1.*--decimal"),
    "one row": ("0;1\n", "line 1.*two rows"),
    "underscores": ("1_0,2\n20,3\n", "line 1"),
    "other digits": ("0 1\n٣ 2\n", "line 2"),
    "thousands or not": ("0;1,000\n1;2,000\n", "line 1.*--decimal"),
    "decimal commas and comma": ("0,0,1,0\n1,0,2,5\n", "line 1.*--columns"),
    "hexadecimal": ("0x1 2\n3 4\n", "line 1"),
}


@pytest.mark.parametrize(("text", "culprit"), REFUSED.values(), ids=REFUSED)
def test_refuses_with_the_line_and_what_settles_it(text, culprit, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=culprit) as found:
        read_table(path)
    assert "bad.csv" in str(found.value)


def write(tmp_path, text):
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_options_settle_what_is_not_clear(tmp_path):
    path = write(tmp_path, "0;1,000\n1;2,000\n")
    assert read_table(path, decimal=",").U.tolist() == [1, 2]
    assert read_table(path, decimal=".").U.tolist() == [1000, 2000]
    assert read_table(write(tmp_path, "0,10\n1,25\n"), decimal=".").U.tolist() == [10, 25]
    path = write(tmp_path, "7 1 0\n7 2 1\n7 3 2\n")
    table = read_table(path, columns=(3, 2))
    assert (table.x.tolist(), table.U.tolist()) == ([0, 1, 2], [1, 2, 3])
    path = write(tmp_path, "x (um),U (eV)\n0,1\n1,2\n")
    assert read_table(path, units=("nm", "meV")).units == ("nm", "meV")


def test_numbers_of_digits_that_no_one_writes_decimals_with(tmp_path):
    # Decimals are as many in every row, or have lost their zeros.
    path = write(tmp_path, "0,5\n1,10\n2,15\n")
    assert read_table(path).U.tolist() == [5, 10, 15]
    assert read_table(write(tmp_path, "-1,-5\n0,1\n1,5\n")).U.tolist() == [-5, 1, 5]


def test_default_units_are_said(tmp_path):
    table = read_table(write(tmp_path, "x,U\n0,5\n1,7\n"))
    assert "in nm" not in table.note
    assert "x in nm, U in meV, units by default" in table.with_units("nm", "meV").note
    table = read_table(write(tmp_path, "x (um),U (eV)\n0,5\n1,7\n")).with_units("nm", "meV")
    assert "x in um, U in eV" in table.note
    assert "by default" not in table.note


def test_thousands_separators_that_are_clear(tmp_path):
    path = write(tmp_path, "0;1,234.5\n1,000.0;2\n")
    assert read_table(path).x.tolist() == [0, 1000]
    path = write(tmp_path, "0;1.234,5\n1;2,0\n")
    assert read_table(path).U.tolist() == [1234.5, 2]


@pytest.mark.parametrize(("options", "culprit"), [
    ({"columns": (1, 3)}, "columns"), ({"columns": (1,)}, "columns"),
    ({"columns": "12"}, "columns"), ({"decimal": "x"}, "decimal"), ({"units": "um"}, "units"),
    ({"units": ("um", 3)}, "units"), ({"units": ("um",)}, "units"),
])
def test_bad_options_are_named(options, culprit, tmp_path):
    with pytest.raises(ValueError, match=culprit):
        read_table(write(tmp_path, "0,1\n1,2\n"), **options)


def test_unreadable_files(tmp_path):
    with pytest.raises(ValueError, match=r"missing\.csv"):
        read_table(tmp_path / "missing.csv")
    with pytest.raises(ValueError, match="cannot read"):
        read_table(tmp_path)
    binary = tmp_path / "binary.csv"
    for content in (bytes(range(128, 256)), b"\x00\x01\x02", b"PK\x03\x04\x00"):
        binary.write_bytes(content)
        with pytest.raises(ValueError, match="not a text file"):
            read_table(binary)
