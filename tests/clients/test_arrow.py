"""pyarrow, which reads and writes S3 with the AWS SDK for C++, and PyIceberg on top of it."""

import aws_clients
import pyarrow
import pyarrow.dataset
import pyarrow.fs
import pyarrow.parquet
import pytest
from pyiceberg.catalog.sql import SqlCatalog

FILMS = pyarrow.table({"title": ["Metropolis", "M", "Nosferatu"], "year": [1927, 1931, 1922]})


@pytest.fixture
def files(endpoint):
    return pyarrow.fs.S3FileSystem(
        access_key=aws_clients.CREDENTIALS["aws_access_key_id"],
        secret_key=aws_clients.CREDENTIALS["aws_secret_access_key"],
        region=aws_clients.REGION, endpoint_override=endpoint)


def test_parquet_files_are_written_and_read(files, bucket):
    path = f"{bucket}/films/year.parquet"
    pyarrow.parquet.write_table(FILMS, path, filesystem=files)
    assert pyarrow.parquet.read_table(path, filesystem=files) == FILMS
    assert pyarrow.parquet.read_metadata(path, filesystem=files).num_rows == 3
    info = files.get_file_info(pyarrow.fs.FileSelector(bucket, recursive=True))
    assert {found.path for found in info if found.type == pyarrow.fs.FileType.File} == {path}


def test_large_files_are_written_in_parts_and_read_in_ranges(files, bucket):
    path = f"{bucket}/large"
    content = bytes(range(256)) * 50_000
    with files.open_output_stream(path) as out:
        out.write(content)
    with files.open_input_file(path) as stored:
        assert stored.size() == len(content)
        stored.seek(12_345_678)
        assert stored.read(300) == content[12_345_678:12_345_978]
    with files.open_input_stream(path) as stored:
        assert stored.read() == content


def test_a_dataset_is_partitioned_and_filtered(files, bucket):
    root = f"{bucket}/dataset"
    pyarrow.dataset.write_dataset(FILMS, root, format="parquet", filesystem=files,
                                  partitioning=["year"], partitioning_flavor="hive")
    films = pyarrow.dataset.dataset(root, filesystem=files, partitioning="hive")
    found = films.to_table(filter=pyarrow.dataset.field("year") > 1925)
    assert sorted(found["title"].to_pylist()) == ["M", "Metropolis"]


def test_files_are_copied_moved_and_deleted(files, bucket):
    for name in ("a", "b"):
        with files.open_output_stream(f"{bucket}/{name}") as out:
            out.write(name.encode())
    files.copy_file(f"{bucket}/a", f"{bucket}/copy")
    files.move(f"{bucket}/b", f"{bucket}/moved")
    files.delete_file(f"{bucket}/a")
    with files.open_input_stream(f"{bucket}/copy") as stored:
        assert stored.read() == b"a"
    with files.open_input_stream(f"{bucket}/moved") as stored:
        assert stored.read() == b"b"
    assert files.get_file_info(f"{bucket}/a").type == pyarrow.fs.FileType.NotFound


def test_an_iceberg_table_lives_in_a_bucket(endpoint, bucket, tmp_path):
    catalog = SqlCatalog("films", **{
        "uri": f"sqlite:///{tmp_path}/catalog.db", "warehouse": f"s3://{bucket}/warehouse",
        "s3.endpoint": endpoint, "s3.region": aws_clients.REGION,
        "s3.access-key-id": aws_clients.CREDENTIALS["aws_access_key_id"],
        "s3.secret-access-key": aws_clients.CREDENTIALS["aws_secret_access_key"],
        "py-io-impl": "pyiceberg.io.pyarrow.PyArrowFileIO"})
    catalog.create_namespace("archive")
    table = catalog.create_table("archive.films", schema=FILMS.schema)
    table.append(FILMS)
    table.append(FILMS.slice(0, 1))
    assert table.scan(row_filter="year > 1925").to_arrow().num_rows == 3
    first = table.history()[0].snapshot_id
    assert table.scan(snapshot_id=first).to_arrow().num_rows == 3
    table.delete("title = 'M'")
    read_again = catalog.load_table("archive.films").scan().to_arrow()
    assert sorted(read_again["title"].to_pylist()) == ["Metropolis", "Metropolis", "Nosferatu"]
