"""The table of files that can be downloaded: GitHub raw files at a fixed commit."""

from typing import NamedTuple
from urllib.parse import quote


class RemoteFile(NamedTuple):
    """One file of a repository at a fixed commit.

    Attributes
    ----------
    name : str
        Path below the data home.
    repo, commit, path : str
        Where the file stands on the host.
    size : int or None
        Length in bytes, None where it is not known.
    md5, sha256 : str or None
        Checksums, None where they are not known: the loader then judges the content.
    host : str
        Address the repository is served from.
    """

    name: str
    repo: str
    commit: str
    path: str
    size: int | None = None
    md5: str | None = None
    sha256: str | None = None
    host: str = "https://raw.githubusercontent.com"

    @property
    def has_checksum(self):
        """Whether a copy can be told from any other file."""
        return (self.md5, self.sha256) != (None, None)

    @property
    def url(self):
        """Address of the file."""
        return f"{self.host}/{self.repo}/{self.commit}/{quote(self.path)}"


def _folder(folder, repo, commit, directory, *rows):
    return tuple(
        RemoteFile(f"{folder}/{name}", repo, commit, f"{directory}/{name}", size, md5, sha256)
        for name, size, md5, sha256 in rows
    )


# Each row: name, bytes, md5, sha256. Nobody has told us those of two DeCAF files.
_TABLE = (
    *_folder(
        "amazon_reviews_400",
        "caokangx/MK-MMCD-MEDA",
        "61bc949ec59a3b030476a04bb1dd647a1990eeca",
        "data/amazon_review",
        (
            "books_400.mat",
            356724,
            "c0d9b788813f64a1f6433d1d6fb9e055",
            "7a53b54f0c0e81e7ee4774d762a927399cede9a802a2409732ba00cc1c23a17a",
        ),
        (
            "dvd_400.mat",
            360255,
            "9ead578888622c58b1270552862209ec",
            "13a71d399f9c7ae57064952979c830455057ffd0a8da73f2c9075338d64d98ce",
        ),
        (
            "elec_400.mat",
            316867,
            "9519597653dd64c82b8f594672339a50",
            "f1dd6e01c1eed956d3abe6493a6bb5efc95e6585b8b9b2d856c0c07e12893a35",
        ),
        (
            "kitchen_400.mat",
            287938,
            "1c2c596680ac213b98adf27f881b75fa",
            "b1f4e5ddfbd7b37ad2638fccbf83bd8558abf63b3e8d69a9d5bca77b1a49fed5",
        ),
    ),
    *_folder(
        "coil20_long",
        "jtahmores/LSA",
        "4698659aa7cd5efbf8c9355f174f05cb87c73b2b",
        "datasets/COIL20",
        (
            "COIL_1.mat",
            3016148,
            "7b588fbf502aca03cebf44e454b8c53d",
            "5001c5bcef8d95217d66a08bdccbcaae2bc8cd3142540ed4ec38ca0796342534",
        ),
    ),
    *_folder(
        "digits_long",
        "jtahmores/JDSC",
        "59f49e79acecd77b0ba5755ecec8c53096139be4",
        "data1/digit",
        (
            "USPS_vs_MNIST.mat",
            3303450,
            "bce870f6d3abb4667fc70d6606bc86ee",
            "77d2df99e2aab8a722c8d4ff7c93a92d8b29d409a065f12e972168d1089e2971",
        ),
    ),
    *_folder(
        "mushroom",
        "liyorkl/mushroom-classification-decision-tree",
        "20882fb347a5c749f53c41097ce586c55e691dc1",
        "data",
        (
            "agaricus-lepiota.data",
            374026,
            "1f0d7094031fbb71720532d8e2a80693",
            "d90e061429610244950859fefbb5f68c6e6410cbd1b0e5ac8caaadfec3b388fb",
        ),
    ),
    *_folder(
        "office_caltech_decaf6",
        "LeiTian-qj/CMMS",
        "1c7c45b858bd400b25c132d178c8e2f603074afc",
        "data/Office-Caltech10",
        ("caltech_decaf.mat", None, None, None),
        ("amazon_decaf.mat", None, None, None),
        (
            "webcam_decaf.mat",
            1407979,
            "48beb10ded5102c3e6d9eb66afa44412",
            "e42207580fb1fadd3adba2504e1d8cff9620f464fca7536f9d7093f84c1459a3",
        ),
        (
            "dslr_decaf.mat",
            748396,
            "c02d0cbefb7366fad1b9183ebaf5d9bd",
            "42443f5e82e98cbe6304cacdba905e24c8430ed977b3d6b7b279f088b76e108f",
        ),
    ),
    *_folder(
        "office_caltech_googlenet1024",
        "LeoGautheron/OfficeCaltechDomainAdaptation",
        "0bcf68398284dbef34b04b70e5b897815b11147b",
        "features/GoogleNet1024",
        (
            "amazon.mat",
            3931880,
            "b4c9a2b955fc5cd9caeccd230f03a37d",
            "bae9ee6e8f7ca305120dd970f2c90471f4ef8dda4cb2ad2404c38bb26cb56ba9",
        ),
        (
            "dslr.mat",
            644576,
            "eaa89b502816e9feed6af613ba430a26",
            "5f7c6211581f846b7b5534429fb62bfb7e490e88aacfc8bee97eb0b0224dbd89",
        ),
        (
            "webcam.mat",
            1210928,
            "a05d0229316d754ade49eaef18266fcb",
            "57774bbdf97433b5fb5a6333e302f077444c069537138b60ef417f48ee65d296",
        ),
    ),
    *_folder(
        "office_caltech_surf",
        "jtahmores/MDA",
        "149f9250d8b17142775c886f7943f273a6123440",
        "data",
        (
            "Caltech10_SURF_L10.mat",
            150751,
            "03c3afa06c8a62fb325aa7b5ed96e187",
            "4f9334c8ced489d5054de97a5fd51a61f017f3bcd1f38c9a85c6d78cb9d7bda5",
        ),
        (
            "amazon_SURF_L10.mat",
            104970,
            "d362bbbe78ddb296a666ee141ca68622",
            "df32548b994e18d364c99e1f317e1fae100597259f0423a41b90f4f68187bb1f",
        ),
        (
            "dslr_SURF_L10.mat",
            18348,
            "8ec02aff59c1874338cc6618b4d23bd5",
            "44d673c68e1d07b837893aa74dba3b986e4a6cc3fd66f0dd357683bdef059216",
        ),
        (
            "webcam_SURF_L10.mat",
            32406,
            "6c2d9234165768e8adcd3bdfe068a871",
            "a6a9c78b4b7181dfbb58bcfd351d4ebd737f171c31247b8884948aa156d3f700",
        ),
    ),
)

FILES = {file.name: file for file in _TABLE}
