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
    md5 : str or None
        Checksum, None where it is not known: the loader then judges the content.
    host : str
        Address the repository is served from.
    """

    name: str
    repo: str
    commit: str
    path: str
    size: int | None = None
    md5: str | None = None
    host: str = "https://raw.githubusercontent.com"

    @property
    def url(self):
        """Address of the file."""
        return f"{self.host}/{self.repo}/{self.commit}/{quote(self.path)}"


def _folder(folder, repo, commit, directory, *rows):
    return tuple(
        RemoteFile(f"{folder}/{name}", repo, commit, f"{directory}/{name}", size, md5)
        for name, size, md5 in rows
    )


_TABLE = (
    *_folder(
        "amazon_reviews_400",
        "caokangx/MK-MMCD-MEDA",
        "61bc949ec59a3b030476a04bb1dd647a1990eeca",
        "data/amazon_review",
        ("books_400.mat", 356724, "c0d9b788813f64a1f6433d1d6fb9e055"),
        ("dvd_400.mat", 360255, "9ead578888622c58b1270552862209ec"),
        ("elec_400.mat", 316867, "9519597653dd64c82b8f594672339a50"),
        ("kitchen_400.mat", 287938, "1c2c596680ac213b98adf27f881b75fa"),
    ),
    *_folder(
        "coil20_long",
        "jtahmores/LSA",
        "4698659aa7cd5efbf8c9355f174f05cb87c73b2b",
        "datasets/COIL20",
        ("COIL_1.mat", 3016148, "7b588fbf502aca03cebf44e454b8c53d"),
    ),
    *_folder(
        "digits_long",
        "jtahmores/JDSC",
        "59f49e79acecd77b0ba5755ecec8c53096139be4",
        "data1/digit",
        ("USPS_vs_MNIST.mat", 3303450, "bce870f6d3abb4667fc70d6606bc86ee"),
    ),
    *_folder(
        "mushroom",
        "liyorkl/mushroom-classification-decision-tree",
        "20882fb347a5c749f53c41097ce586c55e691dc1",
        "data",
        ("agaricus-lepiota.data", 374026, "1f0d7094031fbb71720532d8e2a80693"),
    ),
    *_folder(
        "office_caltech_decaf6",
        "LeiTian-qj/CMMS",
        "1c7c45b858bd400b25c132d178c8e2f603074afc",
        "data/Office-Caltech10",
        ("caltech_decaf.mat", None, None),
        ("amazon_decaf.mat", None, None),
        ("webcam_decaf.mat", 1407979, "48beb10ded5102c3e6d9eb66afa44412"),
        ("dslr_decaf.mat", 748396, "c02d0cbefb7366fad1b9183ebaf5d9bd"),
    ),
    *_folder(
        "office_caltech_googlenet1024",
        "LeoGautheron/OfficeCaltechDomainAdaptation",
        "0bcf68398284dbef34b04b70e5b897815b11147b",
        "features/GoogleNet1024",
        ("amazon.mat", 3931880, "b4c9a2b955fc5cd9caeccd230f03a37d"),
        ("dslr.mat", 644576, "eaa89b502816e9feed6af613ba430a26"),
        ("webcam.mat", 1210928, "a05d0229316d754ade49eaef18266fcb"),
    ),
    *_folder(
        "office_caltech_surf",
        "jtahmores/MDA",
        "149f9250d8b17142775c886f7943f273a6123440",
        "data",
        ("Caltech10_SURF_L10.mat", 150751, "03c3afa06c8a62fb325aa7b5ed96e187"),
        ("amazon_SURF_L10.mat", 104970, "d362bbbe78ddb296a666ee141ca68622"),
        ("dslr_SURF_L10.mat", 18348, "8ec02aff59c1874338cc6618b4d23bd5"),
        ("webcam_SURF_L10.mat", 32406, "6c2d9234165768e8adcd3bdfe068a871"),
    ),
)

FILES = {file.name: file for file in _TABLE}
